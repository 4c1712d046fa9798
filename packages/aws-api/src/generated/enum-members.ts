// Made by build/generate-enum-members.ts from the type declarations of the client packages. Do not edit.
import type { EnumMembers } from '../service.ts'

export const enumMembersByNamespace: Readonly<Record<string, EnumMembers>> = {
  'com.amazonaws.cloudwatchlogs': {
  "AccountPolicy": {
    "policyType": "PolicyType",
    "scope": "Scope"
  },
  "Anomaly": {
    "state": "State"
  },
  "AnomalyDetector": {
    "evaluationFrequency": "EvaluationFrequency",
    "anomalyDetectorStatus": "AnomalyDetectorStatus"
  },
  "CancelImportTaskResponse": {
    "importStatus": "ImportStatus"
  },
  "DeliverySourceConfigurationSchema": {
    "valueType": "DeliverySourceConfigurationSchemaValueType"
  },
  "ConfigurationTemplate": {
    "deliveryDestinationType": "DeliveryDestinationType",
    "allowedOutputFormats": "OutputFormat"
  },
  "Delivery": {
    "deliveryDestinationType": "DeliveryDestinationType"
  },
  "CreateLogAnomalyDetectorRequest": {
    "evaluationFrequency": "EvaluationFrequency"
  },
  "CreateLogGroupRequest": {
    "logGroupClass": "LogGroupClass"
  },
  "CreateScheduledQueryRequest": {
    "queryLanguage": "QueryLanguage",
    "state": "ScheduledQueryState"
  },
  "CreateScheduledQueryResponse": {
    "state": "ScheduledQueryState"
  },
  "DeleteAccountPolicyRequest": {
    "policyType": "PolicyType"
  },
  "DeliveryDestination": {
    "deliveryDestinationType": "DeliveryDestinationType",
    "outputFormat": "OutputFormat"
  },
  "DeliverySource": {
    "status": "DeliverySourceStatus",
    "statusReason": "DeliverySourceStatusReason"
  },
  "DescribeAccountPoliciesRequest": {
    "policyType": "PolicyType"
  },
  "DescribeConfigurationTemplatesRequest": {
    "deliveryDestinationTypes": "DeliveryDestinationType"
  },
  "DescribeExportTasksRequest": {
    "statusCode": "ExportTaskStatusCode"
  },
  "ExportTaskStatus": {
    "code": "ExportTaskStatusCode"
  },
  "DescribeFieldIndexesRequest": {
    "indexCategories": "IndexCategory"
  },
  "FieldIndex": {
    "type": "IndexType",
    "indexCategory": "IndexCategory"
  },
  "DescribeImportTaskBatchesRequest": {
    "batchImportStatus": "ImportStatus"
  },
  "ImportBatch": {
    "status": "ImportStatus"
  },
  "DescribeImportTasksRequest": {
    "importStatus": "ImportStatus"
  },
  "Import": {
    "importStatus": "ImportStatus"
  },
  "IndexPolicy": {
    "source": "IndexSource"
  },
  "DescribeLogGroupsRequest": {
    "logGroupClass": "LogGroupClass"
  },
  "LogGroup": {
    "dataProtectionStatus": "DataProtectionStatus",
    "inheritedProperties": "InheritedProperty",
    "logGroupClass": "LogGroupClass"
  },
  "DescribeLogStreamsRequest": {
    "orderBy": "OrderBy"
  },
  "MetricTransformation": {
    "unit": "StandardUnit"
  },
  "DescribeQueriesRequest": {
    "status": "QueryStatus",
    "queryLanguage": "QueryLanguage"
  },
  "QueryInfo": {
    "queryLanguage": "QueryLanguage",
    "status": "QueryStatus"
  },
  "DescribeQueryDefinitionsRequest": {
    "queryLanguage": "QueryLanguage"
  },
  "QueryDefinition": {
    "queryLanguage": "QueryLanguage"
  },
  "DescribeResourcePoliciesRequest": {
    "policyScope": "PolicyScope"
  },
  "ResourcePolicy": {
    "policyScope": "PolicyScope"
  },
  "SubscriptionFilter": {
    "distribution": "Distribution"
  },
  "OpenSearchResourceStatus": {
    "status": "OpenSearchResourceStatusType"
  },
  "GetIntegrationResponse": {
    "integrationType": "IntegrationType",
    "integrationStatus": "IntegrationStatus"
  },
  "GetLogAnomalyDetectorResponse": {
    "evaluationFrequency": "EvaluationFrequency",
    "anomalyDetectorStatus": "AnomalyDetectorStatus"
  },
  "GetQueryResultsResponse": {
    "queryLanguage": "QueryLanguage",
    "status": "QueryStatus"
  },
  "GetScheduledQueryResponse": {
    "queryLanguage": "QueryLanguage",
    "state": "ScheduledQueryState",
    "scheduleType": "ScheduleType",
    "lastExecutionStatus": "ExecutionStatus"
  },
  "GetScheduledQueryHistoryRequest": {
    "executionStatuses": "ExecutionStatus"
  },
  "ScheduledQueryDestination": {
    "destinationType": "ScheduledQueryDestinationType",
    "status": "ActionStatus"
  },
  "TriggerHistoryRecord": {
    "executionStatus": "ExecutionStatus"
  },
  "GetStorageTierPolicyResponse": {
    "storageTier": "StorageTier"
  },
  "ListToMap": {
    "flattenedElement": "FlattenedElement"
  },
  "ParseToOCSF": {
    "eventSource": "EventSource",
    "ocsfVersion": "OCSFVersion"
  },
  "TypeConverterEntry": {
    "type": "Type"
  },
  "IntegrationSummary": {
    "integrationType": "IntegrationType",
    "integrationStatus": "IntegrationStatus"
  },
  "ListAggregateLogGroupSummariesRequest": {
    "logGroupClass": "LogGroupClass",
    "groupBy": "ListAggregateLogGroupSummariesGroupBy"
  },
  "ListAnomaliesRequest": {
    "suppressionState": "SuppressionState"
  },
  "ListIntegrationsRequest": {
    "integrationType": "IntegrationType",
    "integrationStatus": "IntegrationStatus"
  },
  "ListLogGroupsRequest": {
    "logGroupClass": "LogGroupClass"
  },
  "LogGroupSummary": {
    "logGroupClass": "LogGroupClass"
  },
  "ListScheduledQueriesRequest": {
    "state": "ScheduledQueryState",
    "scheduleType": "ScheduleType"
  },
  "ScheduledQuerySummary": {
    "state": "ScheduledQueryState",
    "scheduleType": "ScheduleType",
    "lastExecutionStatus": "ExecutionStatus"
  },
  "S3TableIntegrationSource": {
    "status": "S3TableIntegrationSourceStatus"
  },
  "SyslogConfiguration": {
    "sourceType": "SyslogSourceType"
  },
  "PutAccountPolicyRequest": {
    "policyType": "PolicyType",
    "scope": "Scope"
  },
  "PutDeliveryDestinationRequest": {
    "outputFormat": "OutputFormat",
    "deliveryDestinationType": "DeliveryDestinationType"
  },
  "PutIntegrationRequest": {
    "integrationType": "IntegrationType"
  },
  "PutIntegrationResponse": {
    "integrationStatus": "IntegrationStatus"
  },
  "RejectedEntityInfo": {
    "errorType": "EntityRejectionErrorType"
  },
  "PutQueryDefinitionRequest": {
    "queryLanguage": "QueryLanguage"
  },
  "PutStorageTierPolicyRequest": {
    "storageTier": "StorageTier"
  },
  "PutStorageTierPolicyResponse": {
    "storageTier": "StorageTier"
  },
  "PutSubscriptionFilterRequest": {
    "distribution": "Distribution"
  },
  "StartQueryRequest": {
    "queryLanguage": "QueryLanguage"
  },
  "SuppressionPeriod": {
    "suppressionUnit": "SuppressionUnit"
  },
  "UpdateAnomalyRequest": {
    "suppressionType": "SuppressionType"
  },
  "UpdateLogAnomalyDetectorRequest": {
    "evaluationFrequency": "EvaluationFrequency"
  },
  "UpdateScheduledQueryRequest": {
    "queryLanguage": "QueryLanguage",
    "state": "ScheduledQueryState"
  },
  "UpdateScheduledQueryResponse": {
    "queryLanguage": "QueryLanguage",
    "state": "ScheduledQueryState",
    "scheduleType": "ScheduleType",
    "lastExecutionStatus": "ExecutionStatus"
  }
},
  'com.amazonaws.ecs': {
  "ManagedScaling": {
    "status": "ManagedScalingStatus"
  },
  "AutoScalingGroupProvider": {
    "managedTerminationProtection": "ManagedTerminationProtection",
    "managedDraining": "ManagedDraining"
  },
  "AutoRepairConfiguration": {
    "actionsStatus": "AutoRepairActionsStatus"
  },
  "CapacityReservationRequest": {
    "reservationPreference": "CapacityReservationPreference"
  },
  "InstanceRequirementsRequest": {
    "cpuManufacturers": "CpuManufacturer",
    "instanceGenerations": "InstanceGeneration",
    "bareMetal": "BareMetal",
    "burstablePerformance": "BurstablePerformance",
    "localStorage": "LocalStorage",
    "localStorageTypes": "LocalStorageType",
    "acceleratorTypes": "AcceleratorType",
    "acceleratorManufacturers": "AcceleratorManufacturer",
    "acceleratorNames": "AcceleratorName"
  },
  "InstanceLaunchTemplate": {
    "monitoring": "ManagedInstancesMonitoringOptions",
    "capacityOptionType": "CapacityOptionType"
  },
  "CreateManagedInstancesProviderConfiguration": {
    "propagateTags": "PropagateMITags"
  },
  "ManagedInstancesProvider": {
    "propagateTags": "PropagateMITags"
  },
  "CapacityProvider": {
    "status": "CapacityProviderStatus",
    "updateStatus": "CapacityProviderUpdateStatus",
    "type": "CapacityProviderType"
  },
  "DescribeCapacityProvidersRequest": {
    "include": "CapacityProviderField"
  },
  "AutoScalingGroupProviderUpdate": {
    "managedTerminationProtection": "ManagedTerminationProtection",
    "managedDraining": "ManagedDraining"
  },
  "InstanceLaunchTemplateUpdate": {
    "monitoring": "ManagedInstancesMonitoringOptions"
  },
  "UpdateManagedInstancesProviderConfiguration": {
    "propagateTags": "PropagateMITags"
  },
  "ExecuteCommandConfiguration": {
    "logging": "ExecuteCommandLogging"
  },
  "ClusterSetting": {
    "name": "ClusterSettingName"
  },
  "Attribute": {
    "targetType": "TargetType"
  },
  "GpuDevice": {
    "sharingMode": "GpuSharingMode"
  },
  "InstanceHealthCheckResult": {
    "type": "InstanceHealthCheckType",
    "status": "InstanceHealthCheckState"
  },
  "ContainerInstanceHealthStatus": {
    "overallStatus": "InstanceHealthCheckState"
  },
  "ContainerInstance": {
    "agentUpdateStatus": "AgentUpdateStatus"
  },
  "DescribeClustersRequest": {
    "include": "ClusterField"
  },
  "ListAttributesRequest": {
    "targetType": "TargetType"
  },
  "ListContainerInstancesRequest": {
    "status": "ContainerInstanceStatus"
  },
  "NetworkBinding": {
    "protocol": "TransportProtocol"
  },
  "ManagedAgentStateChange": {
    "managedAgentName": "ManagedAgentName"
  },
  "DescribeContainerInstancesRequest": {
    "include": "ContainerInstanceField"
  },
  "ListTasksRequest": {
    "desiredStatus": "DesiredStatus",
    "launchType": "LaunchType"
  },
  "PlatformDevice": {
    "type": "PlatformDeviceType"
  },
  "UpdateContainerInstancesStateRequest": {
    "status": "ContainerInstanceStatus"
  },
  "ContinueServiceDeploymentRequest": {
    "action": "DeploymentLifecycleHookAction"
  },
  "DaemonDeploymentAlarms": {
    "status": "DaemonDeploymentRollbackMonitorsStatus"
  },
  "DaemonCircuitBreaker": {
    "status": "DaemonDeploymentRollbackMonitorsStatus"
  },
  "DaemonDeployment": {
    "status": "DaemonDeploymentStatus"
  },
  "CreateDaemonRequest": {
    "propagateTags": "DaemonPropagateTags"
  },
  "CreateDaemonResponse": {
    "status": "DaemonStatus"
  },
  "DeleteDaemonResponse": {
    "status": "DaemonStatus"
  },
  "DaemonDetail": {
    "status": "DaemonStatus"
  },
  "ListDaemonDeploymentsRequest": {
    "status": "DaemonDeploymentStatus"
  },
  "DaemonDeploymentSummary": {
    "status": "DaemonDeploymentStatus"
  },
  "DaemonSummary": {
    "status": "DaemonStatus"
  },
  "UpdateDaemonRequest": {
    "propagateTags": "DaemonPropagateTags"
  },
  "UpdateDaemonResponse": {
    "status": "DaemonStatus"
  },
  "DaemonRevision": {
    "propagateTags": "DaemonPropagateTags"
  },
  "ContainerDependency": {
    "condition": "ContainerCondition"
  },
  "EnvironmentFile": {
    "type": "EnvironmentFileType"
  },
  "FirelensConfiguration": {
    "type": "FirelensConfigurationType"
  },
  "Device": {
    "permissions": "DeviceCgroupPermission"
  },
  "LogConfiguration": {
    "logDriver": "LogDriver"
  },
  "Ulimit": {
    "name": "UlimitName"
  },
  "LogDriverVolumeConfiguration": {
    "driver": "LogDriver"
  },
  "DaemonTaskDefinition": {
    "status": "DaemonTaskDefinitionStatus",
    "pidMode": "DaemonPidMode",
    "ipcMode": "DaemonIpcMode"
  },
  "ListDaemonTaskDefinitionsRequest": {
    "revision": "DaemonTaskDefinitionRevisionFilter",
    "status": "DaemonTaskDefinitionStatusFilter",
    "sort": "SortOrder"
  },
  "DaemonTaskDefinitionSummary": {
    "status": "DaemonTaskDefinitionStatus"
  },
  "RegisterDaemonTaskDefinitionRequest": {
    "pidMode": "DaemonPidMode",
    "ipcMode": "DaemonIpcMode"
  },
  "DeleteAccountSettingRequest": {
    "name": "SettingName"
  },
  "Setting": {
    "name": "SettingName",
    "type": "SettingType"
  },
  "PortMapping": {
    "protocol": "TransportProtocol",
    "appProtocol": "ApplicationProtocol"
  },
  "ResourceRequirement": {
    "type": "ResourceType"
  },
  "ContainerDefinition": {
    "versionConsistency": "VersionConsistency"
  },
  "TaskDefinitionPlacementConstraint": {
    "type": "TaskDefinitionPlacementConstraintType"
  },
  "ProxyConfiguration": {
    "type": "ProxyConfigurationType"
  },
  "RuntimePlatform": {
    "cpuArchitecture": "CPUArchitecture",
    "operatingSystemFamily": "OSFamily"
  },
  "DockerVolumeConfiguration": {
    "scope": "Scope"
  },
  "EFSAuthorizationConfig": {
    "iam": "EFSAuthorizationConfigIAM"
  },
  "EFSVolumeConfiguration": {
    "transitEncryption": "EFSTransitEncryption"
  },
  "TaskDefinition": {
    "networkMode": "NetworkMode",
    "status": "TaskDefinitionStatus",
    "compatibilities": "Compatibility",
    "requiresCompatibilities": "Compatibility",
    "pidMode": "PidMode",
    "ipcMode": "IpcMode"
  },
  "DescribeTaskDefinitionRequest": {
    "include": "TaskDefinitionField"
  },
  "AssociateGatewayWithClusterResponse": {
    "status": "GatewayClusterAssociationStatus"
  },
  "GatewayElbNetworkConfiguration": {
    "ipAddressType": "GatewayElbIpAddressType"
  },
  "HostSharedAlbConfiguration": {
    "scheme": "GatewayElbScheme",
    "protocol": "GatewayAlbProtocol",
    "httpDesync": "GatewayAlbDesyncMitigationMode"
  },
  "CreateGatewayRequest": {
    "propagateTags": "PropagateGatewayTags"
  },
  "CreateGatewayResponse": {
    "status": "GatewayStatus"
  },
  "DeleteGatewayResponse": {
    "status": "GatewayStatus"
  },
  "DescribeGatewayAlbConfiguration": {
    "scheme": "GatewayElbScheme",
    "protocol": "GatewayAlbProtocol",
    "httpDesync": "GatewayAlbDesyncMitigationMode"
  },
  "Gateway": {
    "status": "GatewayStatus",
    "accessType": "AccessType",
    "propagateTags": "PropagateGatewayTags"
  },
  "DisassociateGatewayFromClusterResponse": {
    "status": "GatewayClusterAssociationStatus"
  },
  "ListGatewayClusterAssociationsRequest": {
    "status": "GatewayClusterAssociationStatus"
  },
  "GatewayClusterAssociationSummary": {
    "status": "GatewayClusterAssociationStatus"
  },
  "ListGatewaysRequest": {
    "status": "GatewayStatus"
  },
  "GatewaySummary": {
    "status": "GatewayStatus"
  },
  "UpdateGatewayAlbConfiguration": {
    "httpDesync": "GatewayAlbDesyncMitigationMode"
  },
  "UpdateGatewayRequest": {
    "propagateTags": "PropagateGatewayTags"
  },
  "UpdateGatewayResponse": {
    "status": "GatewayStatus"
  },
  "GatewayRoute": {
    "status": "GatewayRouteStatus"
  },
  "ListGatewayRoutesRequest": {
    "status": "GatewayRouteStatus"
  },
  "GatewayRouteSummary": {
    "status": "GatewayRouteStatus"
  },
  "ListAccountSettingsRequest": {
    "name": "SettingName"
  },
  "ListTaskDefinitionFamiliesRequest": {
    "status": "TaskDefinitionFamilyStatus"
  },
  "PutAccountSettingRequest": {
    "name": "SettingName"
  },
  "PutAccountSettingDefaultRequest": {
    "name": "SettingName"
  },
  "ServiceDeploymentAlarms": {
    "status": "ServiceDeploymentRollbackMonitorsStatus"
  },
  "ServiceDeploymentCircuitBreaker": {
    "status": "ServiceDeploymentRollbackMonitorsStatus"
  },
  "ThresholdConfiguration": {
    "type": "ThresholdType"
  },
  "DeploymentEarlySuccessCriteria": {
    "sourceServiceRevisionCleanup": "ServiceRevisionCleanup"
  },
  "DeploymentLifecycleHookTimeoutConfiguration": {
    "action": "DeploymentLifecycleHookAction"
  },
  "DeploymentLifecycleHook": {
    "targetType": "DeploymentLifecycleHookTargetType",
    "lifecycleStages": "DeploymentLifecycleHookStage"
  },
  "DeploymentConfiguration": {
    "strategy": "DeploymentStrategy"
  },
  "DeploymentLifecycleHookDetail": {
    "targetType": "DeploymentLifecycleHookTargetType",
    "status": "DeploymentLifecycleHookStatus",
    "timeoutAction": "DeploymentLifecycleHookAction"
  },
  "ServiceDeployment": {
    "status": "ServiceDeploymentStatus",
    "lifecycleStage": "ServiceDeploymentLifecycleStage"
  },
  "ExpressGatewayScalingTarget": {
    "autoScalingMetric": "ExpressGatewayServiceScalingMetric"
  },
  "CreateExpressGatewayServiceRequest": {
    "cpuArchitecture": "ExpressCpuArchitecture"
  },
  "IngressPathSummary": {
    "accessType": "AccessType"
  },
  "ExpressGatewayServiceConfiguration": {
    "cpuArchitecture": "ExpressCpuArchitecture"
  },
  "ExpressGatewayServiceStatus": {
    "statusCode": "ExpressGatewayServiceStatusCode"
  },
  "DeploymentController": {
    "type": "DeploymentControllerType"
  },
  "GatewayConnectorFilters": {
    "accessTypes": "AccessType"
  },
  "GatewayConnectorHealthCheck": {
    "healthCheckProtocol": "GatewayConnectorHealthCheckProtocol"
  },
  "AwsVpcConfiguration": {
    "assignPublicIp": "AssignPublicIp"
  },
  "PlacementConstraint": {
    "type": "PlacementConstraintType"
  },
  "PlacementStrategy": {
    "type": "PlacementStrategyType"
  },
  "ServiceConnectAccessLogConfiguration": {
    "format": "ServiceConnectAccessLoggingFormat",
    "includeQueryParameters": "ServiceConnectIncludeQueryParameters"
  },
  "ServiceConnectContainerConfiguration": {
    "logLevel": "ServiceConnectContainerLogLevel"
  },
  "EBSTagSpecification": {
    "resourceType": "EBSResourceType",
    "propagateTags": "PropagateTags"
  },
  "ServiceManagedEBSVolumeConfiguration": {
    "filesystemType": "TaskFilesystemType"
  },
  "CreateServiceRequest": {
    "availabilityZoneRebalancing": "AvailabilityZoneRebalancing",
    "launchType": "LaunchType",
    "schedulingStrategy": "SchedulingStrategy",
    "propagateTags": "PropagateTags"
  },
  "Deployment": {
    "launchType": "LaunchType",
    "rolloutState": "DeploymentRolloutState"
  },
  "Scale": {
    "unit": "ScaleUnit"
  },
  "TaskSet": {
    "launchType": "LaunchType",
    "stabilityStatus": "StabilityStatus"
  },
  "Service": {
    "launchType": "LaunchType",
    "schedulingStrategy": "SchedulingStrategy",
    "propagateTags": "PropagateTags",
    "availabilityZoneRebalancing": "AvailabilityZoneRebalancing",
    "resourceManagementType": "ResourceManagementType"
  },
  "DescribeExpressGatewayServiceRequest": {
    "include": "ExpressGatewayServiceInclude"
  },
  "DescribeServicesRequest": {
    "include": "ServiceField"
  },
  "ListServiceDeploymentsRequest": {
    "status": "ServiceDeploymentStatus"
  },
  "ServiceDeploymentBrief": {
    "status": "ServiceDeploymentStatus"
  },
  "ListServicesRequest": {
    "launchType": "LaunchType",
    "schedulingStrategy": "SchedulingStrategy",
    "resourceManagementType": "ResourceManagementType"
  },
  "StopServiceDeploymentRequest": {
    "stopType": "StopServiceDeploymentStopType"
  },
  "UpdateExpressGatewayServiceRequest": {
    "cpuArchitecture": "ExpressCpuArchitecture"
  },
  "UpdateServiceRequest": {
    "availabilityZoneRebalancing": "AvailabilityZoneRebalancing",
    "propagateTags": "PropagateTags"
  },
  "ManagedApplicationAutoScalingPolicy": {
    "status": "ManagedResourceStatus"
  },
  "ManagedScalableTarget": {
    "status": "ManagedResourceStatus"
  },
  "GatewayConnection": {
    "accessType": "AccessType",
    "status": "GatewayRouteStatus"
  },
  "ManagedCertificate": {
    "status": "ManagedResourceStatus"
  },
  "ManagedListener": {
    "status": "ManagedResourceStatus"
  },
  "ManagedLoadBalancer": {
    "status": "ManagedResourceStatus"
  },
  "ManagedSecurityGroup": {
    "status": "ManagedResourceStatus"
  },
  "ManagedListenerRule": {
    "status": "ManagedResourceStatus"
  },
  "ManagedTargetGroup": {
    "status": "ManagedResourceStatus"
  },
  "ManagedIngressPath": {
    "accessType": "AccessType"
  },
  "ManagedLogGroup": {
    "status": "ManagedResourceStatus"
  },
  "ManagedMetricAlarm": {
    "status": "ManagedResourceStatus"
  },
  "ServiceRevision": {
    "launchType": "LaunchType"
  },
  "ListTaskDefinitionsRequest": {
    "status": "TaskDefinitionStatus",
    "sort": "SortOrder"
  },
  "RegisterTaskDefinitionRequest": {
    "networkMode": "NetworkMode",
    "requiresCompatibilities": "Compatibility",
    "pidMode": "PidMode",
    "ipcMode": "IpcMode"
  },
  "DescribeTasksRequest": {
    "include": "TaskField"
  },
  "ManagedAgent": {
    "name": "ManagedAgentName"
  },
  "Container": {
    "healthStatus": "HealthStatus"
  },
  "Task": {
    "connectivity": "Connectivity",
    "healthStatus": "HealthStatus",
    "launchType": "LaunchType",
    "stopCode": "TaskStopCode"
  },
  "TaskManagedEBSVolumeConfiguration": {
    "filesystemType": "TaskFilesystemType"
  },
  "RunTaskRequest": {
    "launchType": "LaunchType",
    "propagateTags": "PropagateTags"
  },
  "StartTaskRequest": {
    "propagateTags": "PropagateTags"
  },
  "CreateTaskSetRequest": {
    "launchType": "LaunchType"
  },
  "DescribeTaskSetsRequest": {
    "include": "TaskSetField"
  }
},
  'com.amazonaws.efs': {
  "AccessPointDescription": {
    "LifeCycleState": "LifeCycleState"
  },
  "BackupPolicy": {
    "Status": "Status"
  },
  "CreateFileSystemRequest": {
    "PerformanceMode": "PerformanceMode",
    "ThroughputMode": "ThroughputMode"
  },
  "FileSystemProtectionDescription": {
    "ReplicationOverwriteProtection": "ReplicationOverwriteProtection"
  },
  "FileSystemDescription": {
    "LifeCycleState": "LifeCycleState",
    "PerformanceMode": "PerformanceMode",
    "ThroughputMode": "ThroughputMode"
  },
  "CreateMountTargetRequest": {
    "IpAddressType": "IpAddressType"
  },
  "MountTargetDescription": {
    "LifeCycleState": "LifeCycleState"
  },
  "Destination": {
    "Status": "ReplicationStatus"
  },
  "DeleteReplicationConfigurationRequest": {
    "DeletionMode": "DeletionMode"
  },
  "ResourceIdPreference": {
    "ResourceIdType": "ResourceIdType",
    "Resources": "Resource"
  },
  "LifecyclePolicy": {
    "TransitionToIA": "TransitionToIARules",
    "TransitionToPrimaryStorageClass": "TransitionToPrimaryStorageClassRules",
    "TransitionToArchive": "TransitionToArchiveRules"
  },
  "PutAccountPreferencesRequest": {
    "ResourceIdType": "ResourceIdType"
  },
  "UpdateFileSystemRequest": {
    "ThroughputMode": "ThroughputMode"
  },
  "UpdateFileSystemProtectionRequest": {
    "ReplicationOverwriteProtection": "ReplicationOverwriteProtection"
  }
},
  'com.amazonaws.elasticloadbalancingv2': {
  "AuthenticateCognitoActionConfig": {
    "OnUnauthenticatedRequest": "AuthenticateCognitoActionConditionalBehaviorEnum"
  },
  "AuthenticateOidcActionConfig": {
    "OnUnauthenticatedRequest": "AuthenticateOidcActionConditionalBehaviorEnum"
  },
  "JwtValidationActionAdditionalClaim": {
    "Format": "JwtValidationActionAdditionalClaimFormatEnum"
  },
  "RedirectActionConfig": {
    "StatusCode": "RedirectActionStatusCodeEnum"
  },
  "Action": {
    "Type": "ActionTypeEnum"
  },
  "RevocationContent": {
    "RevocationType": "RevocationType"
  },
  "TrustStoreRevocation": {
    "RevocationType": "RevocationType"
  },
  "AdministrativeOverride": {
    "State": "TargetAdministrativeOverrideStateEnum",
    "Reason": "TargetAdministrativeOverrideReasonEnum"
  },
  "AnomalyDetection": {
    "Result": "AnomalyResultEnum",
    "MitigationInEffect": "MitigationInEffectEnum"
  },
  "CapacityReservationStatus": {
    "Code": "CapacityReservationStateEnum"
  },
  "MutualAuthenticationAttributes": {
    "TrustStoreAssociationStatus": "TrustStoreAssociationStatusEnum",
    "AdvertiseTrustStoreCaNames": "AdvertiseTrustStoreCaNamesEnum"
  },
  "CreateListenerInput": {
    "Protocol": "ProtocolEnum"
  },
  "Listener": {
    "Protocol": "ProtocolEnum"
  },
  "CreateLoadBalancerInput": {
    "Scheme": "LoadBalancerSchemeEnum",
    "Type": "LoadBalancerTypeEnum",
    "IpAddressType": "IpAddressType",
    "EnablePrefixForIpv6SourceNat": "EnablePrefixForIpv6SourceNatEnum"
  },
  "LoadBalancerState": {
    "Code": "LoadBalancerStateEnum"
  },
  "LoadBalancer": {
    "Scheme": "LoadBalancerSchemeEnum",
    "Type": "LoadBalancerTypeEnum",
    "IpAddressType": "IpAddressType",
    "EnablePrefixForIpv6SourceNat": "EnablePrefixForIpv6SourceNatEnum"
  },
  "SourceIpConditionConfig": {
    "IpAddressType": "SourceIpAddressTypeEnum"
  },
  "RuleTransform": {
    "Type": "TransformTypeEnum"
  },
  "CreateTargetGroupInput": {
    "Protocol": "ProtocolEnum",
    "HealthCheckProtocol": "ProtocolEnum",
    "TargetType": "TargetTypeEnum",
    "IpAddressType": "TargetGroupIpAddressTypeEnum"
  },
  "TargetGroup": {
    "Protocol": "ProtocolEnum",
    "HealthCheckProtocol": "ProtocolEnum",
    "TargetType": "TargetTypeEnum",
    "IpAddressType": "TargetGroupIpAddressTypeEnum"
  },
  "TrustStore": {
    "Status": "TrustStoreStatus"
  },
  "DescribeSSLPoliciesInput": {
    "LoadBalancerType": "LoadBalancerTypeEnum"
  },
  "DescribeTargetHealthInput": {
    "Include": "DescribeTargetHealthInputIncludeEnum"
  },
  "TargetHealth": {
    "State": "TargetHealthStateEnum",
    "Reason": "TargetHealthReasonEnum"
  },
  "DescribeTrustStoreRevocation": {
    "RevocationType": "RevocationType"
  },
  "ModifyIpPoolsInput": {
    "RemoveIpamPools": "RemoveIpamPoolEnum"
  },
  "ModifyListenerInput": {
    "Protocol": "ProtocolEnum"
  },
  "ModifyTargetGroupInput": {
    "HealthCheckProtocol": "ProtocolEnum"
  },
  "SetIpAddressTypeInput": {
    "IpAddressType": "IpAddressType"
  },
  "SetIpAddressTypeOutput": {
    "IpAddressType": "IpAddressType"
  },
  "SetSecurityGroupsInput": {
    "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum"
  },
  "SetSecurityGroupsOutput": {
    "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum"
  },
  "SetSubnetsInput": {
    "IpAddressType": "IpAddressType",
    "EnablePrefixForIpv6SourceNat": "EnablePrefixForIpv6SourceNatEnum"
  },
  "SetSubnetsOutput": {
    "IpAddressType": "IpAddressType",
    "EnablePrefixForIpv6SourceNat": "EnablePrefixForIpv6SourceNatEnum"
  }
},
  'com.amazonaws.secretsmanager': {
  "Filter": {
    "Key": "FilterNameStringType"
  },
  "ReplicationStatusType": {
    "Status": "StatusType"
  },
  "ListSecretsRequest": {
    "SortOrder": "SortOrderType",
    "SortBy": "SortByType"
  }
},
  'com.amazonaws.ssm': {
  "AddTagsToResourceRequest": {
    "ResourceType": "ResourceTypeForTagging"
  },
  "AlarmStateInformation": {
    "State": "ExternalAlarmState"
  },
  "CreateAssociationRequest": {
    "ComplianceSeverity": "AssociationComplianceSeverity",
    "SyncCompliance": "AssociationSyncCompliance"
  },
  "AssociationStatus": {
    "Name": "AssociationStatusName"
  },
  "AssociationDescription": {
    "ComplianceSeverity": "AssociationComplianceSeverity",
    "SyncCompliance": "AssociationSyncCompliance"
  },
  "CreateAssociationBatchRequestEntry": {
    "ComplianceSeverity": "AssociationComplianceSeverity",
    "SyncCompliance": "AssociationSyncCompliance"
  },
  "FailedCreateAssociation": {
    "Fault": "Fault"
  },
  "AttachmentsSource": {
    "Key": "AttachmentsSourceKey"
  },
  "CreateDocumentRequest": {
    "DocumentType": "DocumentType",
    "DocumentFormat": "DocumentFormat"
  },
  "DocumentParameter": {
    "Type": "DocumentParameterType"
  },
  "ReviewInformation": {
    "Status": "ReviewStatus"
  },
  "DocumentDescription": {
    "HashType": "DocumentHashType",
    "Status": "DocumentStatus",
    "PlatformTypes": "PlatformType",
    "DocumentType": "DocumentType",
    "DocumentFormat": "DocumentFormat",
    "ReviewStatus": "ReviewStatus"
  },
  "OpsItemDataValue": {
    "Type": "OpsItemDataType"
  },
  "PatchFilter": {
    "Key": "PatchFilterKey"
  },
  "PatchRule": {
    "ComplianceLevel": "PatchComplianceLevel"
  },
  "CreatePatchBaselineRequest": {
    "OperatingSystem": "OperatingSystem",
    "ApprovedPatchesComplianceLevel": "PatchComplianceLevel",
    "RejectedPatchesAction": "PatchAction",
    "AvailableSecurityUpdatesComplianceStatus": "PatchComplianceStatus"
  },
  "ResourceDataSyncS3Destination": {
    "SyncFormat": "ResourceDataSyncS3Format"
  },
  "DeleteInventoryRequest": {
    "SchemaDeleteOption": "InventorySchemaDeleteOption"
  },
  "DeleteResourcePolicyRequest": {
    "DeletionMode": "DeletionMode"
  },
  "DescribeActivationsFilter": {
    "FilterKey": "DescribeActivationsFilterKeys"
  },
  "AssociationExecutionFilter": {
    "Key": "AssociationExecutionFilterKey",
    "Type": "AssociationFilterOperatorType"
  },
  "AssociationExecutionTargetsFilter": {
    "Key": "AssociationExecutionTargetsFilterKey"
  },
  "AutomationExecutionFilter": {
    "Key": "AutomationExecutionFilterKey"
  },
  "AutomationExecutionMetadata": {
    "AutomationExecutionStatus": "AutomationExecutionStatus",
    "Mode": "ExecutionMode",
    "AutomationType": "AutomationType",
    "AutomationSubtype": "AutomationSubtype"
  },
  "StepExecutionFilter": {
    "Key": "StepExecutionFilterKey"
  },
  "StepExecution": {
    "StepStatus": "AutomationExecutionStatus"
  },
  "DescribeDocumentPermissionRequest": {
    "PermissionType": "DocumentPermissionType"
  },
  "PatchStatus": {
    "DeploymentStatus": "PatchDeploymentStatus",
    "ComplianceLevel": "PatchComplianceLevel"
  },
  "InstanceInformationFilter": {
    "key": "InstanceInformationFilterKey"
  },
  "InstanceInformation": {
    "PingStatus": "PingStatus",
    "PlatformType": "PlatformType",
    "ResourceType": "ResourceType",
    "SourceType": "SourceType"
  },
  "PatchComplianceData": {
    "State": "PatchComplianceDataState"
  },
  "InstancePatchState": {
    "Operation": "PatchOperationType",
    "RebootOption": "RebootOption"
  },
  "InstancePatchStateFilter": {
    "Type": "InstancePatchStateOperatorType"
  },
  "InstancePropertyStringFilter": {
    "Operator": "InstancePropertyFilterOperator"
  },
  "InstancePropertyFilter": {
    "key": "InstancePropertyFilterKey"
  },
  "InstanceProperty": {
    "PingStatus": "PingStatus",
    "PlatformType": "PlatformType",
    "SourceType": "SourceType"
  },
  "InventoryDeletionStatusItem": {
    "LastStatus": "InventoryDeletionStatus"
  },
  "MaintenanceWindowExecution": {
    "Status": "MaintenanceWindowExecutionStatus"
  },
  "MaintenanceWindowExecutionTaskInvocationIdentity": {
    "TaskType": "MaintenanceWindowTaskType",
    "Status": "MaintenanceWindowExecutionStatus"
  },
  "MaintenanceWindowExecutionTaskIdentity": {
    "Status": "MaintenanceWindowExecutionStatus",
    "TaskType": "MaintenanceWindowTaskType"
  },
  "DescribeMaintenanceWindowScheduleRequest": {
    "ResourceType": "MaintenanceWindowResourceType"
  },
  "DescribeMaintenanceWindowsForTargetRequest": {
    "ResourceType": "MaintenanceWindowResourceType"
  },
  "MaintenanceWindowTarget": {
    "ResourceType": "MaintenanceWindowResourceType"
  },
  "MaintenanceWindowTask": {
    "Type": "MaintenanceWindowTaskType",
    "CutoffBehavior": "MaintenanceWindowTaskCutoffBehavior"
  },
  "OpsItemFilter": {
    "Key": "OpsItemFilterKey",
    "Operator": "OpsItemFilterOperator"
  },
  "OpsItemSummary": {
    "Status": "OpsItemStatus"
  },
  "ParametersFilter": {
    "Key": "ParametersFilterKey"
  },
  "ParameterMetadata": {
    "Type": "ParameterType",
    "Tier": "ParameterTier"
  },
  "PatchBaselineIdentity": {
    "OperatingSystem": "OperatingSystem"
  },
  "DescribePatchPropertiesRequest": {
    "OperatingSystem": "OperatingSystem",
    "Property": "PatchProperty",
    "PatchSet": "PatchSet"
  },
  "SessionFilter": {
    "key": "SessionFilterKey"
  },
  "DescribeSessionsRequest": {
    "State": "SessionState"
  },
  "Session": {
    "Status": "SessionStatus",
    "AccessType": "AccessType"
  },
  "GetAccessTokenResponse": {
    "AccessRequestStatus": "AccessRequestStatus"
  },
  "AutomationExecution": {
    "AutomationExecutionStatus": "AutomationExecutionStatus",
    "Mode": "ExecutionMode",
    "AutomationSubtype": "AutomationSubtype"
  },
  "GetCalendarStateResponse": {
    "State": "CalendarState"
  },
  "GetCommandInvocationResult": {
    "Status": "CommandInvocationStatus"
  },
  "GetConnectionStatusResponse": {
    "Status": "ConnectionStatus"
  },
  "GetDefaultPatchBaselineRequest": {
    "OperatingSystem": "OperatingSystem"
  },
  "GetDefaultPatchBaselineResult": {
    "OperatingSystem": "OperatingSystem"
  },
  "BaselineOverride": {
    "OperatingSystem": "OperatingSystem",
    "ApprovedPatchesComplianceLevel": "PatchComplianceLevel",
    "RejectedPatchesAction": "PatchAction",
    "AvailableSecurityUpdatesComplianceStatus": "PatchComplianceStatus"
  },
  "GetDocumentRequest": {
    "DocumentFormat": "DocumentFormat"
  },
  "AttachmentContent": {
    "HashType": "AttachmentHashType"
  },
  "GetDocumentResult": {
    "Status": "DocumentStatus",
    "DocumentType": "DocumentType",
    "DocumentFormat": "DocumentFormat",
    "ReviewStatus": "ReviewStatus"
  },
  "GetExecutionPreviewResponse": {
    "Status": "ExecutionPreviewStatus"
  },
  "InventoryFilter": {
    "Type": "InventoryQueryOperatorType"
  },
  "InventoryItemAttribute": {
    "DataType": "InventoryAttributeDataType"
  },
  "GetMaintenanceWindowExecutionResult": {
    "Status": "MaintenanceWindowExecutionStatus"
  },
  "GetMaintenanceWindowExecutionTaskResult": {
    "Type": "MaintenanceWindowTaskType",
    "Status": "MaintenanceWindowExecutionStatus"
  },
  "GetMaintenanceWindowExecutionTaskInvocationResult": {
    "TaskType": "MaintenanceWindowTaskType",
    "Status": "MaintenanceWindowExecutionStatus"
  },
  "NotificationConfig": {
    "NotificationEvents": "NotificationEvent",
    "NotificationType": "NotificationType"
  },
  "MaintenanceWindowRunCommandParameters": {
    "DocumentHashType": "DocumentHashType"
  },
  "GetMaintenanceWindowTaskResult": {
    "TaskType": "MaintenanceWindowTaskType",
    "CutoffBehavior": "MaintenanceWindowTaskCutoffBehavior"
  },
  "OpsItem": {
    "Status": "OpsItemStatus"
  },
  "OpsFilter": {
    "Type": "OpsFilterOperatorType"
  },
  "Parameter": {
    "Type": "ParameterType"
  },
  "ParameterHistory": {
    "Type": "ParameterType",
    "Tier": "ParameterTier"
  },
  "GetPatchBaselineResult": {
    "OperatingSystem": "OperatingSystem",
    "ApprovedPatchesComplianceLevel": "PatchComplianceLevel",
    "RejectedPatchesAction": "PatchAction",
    "AvailableSecurityUpdatesComplianceStatus": "PatchComplianceStatus"
  },
  "GetPatchBaselineForPatchGroupRequest": {
    "OperatingSystem": "OperatingSystem"
  },
  "GetPatchBaselineForPatchGroupResult": {
    "OperatingSystem": "OperatingSystem"
  },
  "AssociationFilter": {
    "key": "AssociationFilterKey"
  },
  "AssociationVersionInfo": {
    "ComplianceSeverity": "AssociationComplianceSeverity",
    "SyncCompliance": "AssociationSyncCompliance"
  },
  "CloudConnectorFilter": {
    "FilterKey": "CloudConnectorFilterKey"
  },
  "CloudConnectorSummary": {
    "Provider": "Provider"
  },
  "CommandFilter": {
    "key": "CommandFilterKey"
  },
  "CommandPlugin": {
    "Status": "CommandPluginStatus"
  },
  "CommandInvocation": {
    "Status": "CommandInvocationStatus"
  },
  "Command": {
    "Status": "CommandStatus"
  },
  "ComplianceStringFilter": {
    "Type": "ComplianceQueryOperatorType"
  },
  "ComplianceItem": {
    "Status": "ComplianceStatus",
    "Severity": "ComplianceSeverity"
  },
  "ListDocumentMetadataHistoryRequest": {
    "Metadata": "DocumentMetadataEnum"
  },
  "DocumentReviewCommentSource": {
    "Type": "DocumentReviewCommentType"
  },
  "DocumentReviewerResponseSource": {
    "ReviewStatus": "ReviewStatus"
  },
  "DocumentFilter": {
    "key": "DocumentFilterKey"
  },
  "DocumentIdentifier": {
    "PlatformTypes": "PlatformType",
    "DocumentType": "DocumentType",
    "DocumentFormat": "DocumentFormat",
    "ReviewStatus": "ReviewStatus"
  },
  "DocumentVersionInfo": {
    "DocumentFormat": "DocumentFormat",
    "Status": "DocumentStatus",
    "ReviewStatus": "ReviewStatus"
  },
  "NodeFilter": {
    "Key": "NodeFilterKey",
    "Type": "NodeFilterOperatorType"
  },
  "InstanceInfo": {
    "ManagedStatus": "ManagedStatus",
    "PlatformType": "PlatformType",
    "ResourceType": "ResourceType",
    "SourceType": "SourceType"
  },
  "OpsItemEventFilter": {
    "Key": "OpsItemEventFilterKey",
    "Operator": "OpsItemEventFilterOperator"
  },
  "OpsItemRelatedItemsFilter": {
    "Key": "OpsItemRelatedItemsFilterKey",
    "Operator": "OpsItemRelatedItemsFilterOperator"
  },
  "ResourceComplianceSummaryItem": {
    "Status": "ComplianceStatus",
    "OverallSeverity": "ComplianceSeverity"
  },
  "ResourceDataSyncItem": {
    "LastStatus": "LastResourceDataSyncStatus"
  },
  "ListTagsForResourceRequest": {
    "ResourceType": "ResourceTypeForTagging"
  },
  "ModifyDocumentPermissionRequest": {
    "PermissionType": "DocumentPermissionType"
  },
  "ComplianceItemEntry": {
    "Severity": "ComplianceSeverity",
    "Status": "ComplianceStatus"
  },
  "PutComplianceItemsRequest": {
    "UploadType": "ComplianceUploadType"
  },
  "PutParameterRequest": {
    "Type": "ParameterType",
    "Tier": "ParameterTier"
  },
  "PutParameterResult": {
    "Tier": "ParameterTier"
  },
  "RegisterDefaultHostManagementConfigurationRequest": {
    "PermissionModel": "DHMCPermissionModel"
  },
  "RegisterTargetWithMaintenanceWindowRequest": {
    "ResourceType": "MaintenanceWindowResourceType"
  },
  "RegisterTaskWithMaintenanceWindowRequest": {
    "TaskType": "MaintenanceWindowTaskType",
    "CutoffBehavior": "MaintenanceWindowTaskCutoffBehavior"
  },
  "RemoveTagsFromResourceRequest": {
    "ResourceType": "ResourceTypeForTagging"
  },
  "SendAutomationSignalRequest": {
    "SignalType": "SignalType"
  },
  "SendCommandRequest": {
    "DocumentHashType": "DocumentHashType"
  },
  "StartAutomationExecutionRequest": {
    "Mode": "ExecutionMode"
  },
  "StopAutomationExecutionRequest": {
    "Type": "StopType"
  },
  "UpdateAssociationRequest": {
    "ComplianceSeverity": "AssociationComplianceSeverity",
    "SyncCompliance": "AssociationSyncCompliance"
  },
  "UpdateDocumentRequest": {
    "DocumentFormat": "DocumentFormat"
  },
  "DocumentReviews": {
    "Action": "DocumentReviewAction"
  },
  "UpdateMaintenanceWindowTaskRequest": {
    "CutoffBehavior": "MaintenanceWindowTaskCutoffBehavior"
  },
  "UpdateMaintenanceWindowTaskResult": {
    "CutoffBehavior": "MaintenanceWindowTaskCutoffBehavior"
  },
  "UpdateOpsItemRequest": {
    "Status": "OpsItemStatus"
  },
  "UpdatePatchBaselineRequest": {
    "ApprovedPatchesComplianceLevel": "PatchComplianceLevel",
    "RejectedPatchesAction": "PatchAction",
    "AvailableSecurityUpdatesComplianceStatus": "PatchComplianceStatus"
  },
  "UpdatePatchBaselineResult": {
    "OperatingSystem": "OperatingSystem",
    "ApprovedPatchesComplianceLevel": "PatchComplianceLevel",
    "RejectedPatchesAction": "PatchAction",
    "AvailableSecurityUpdatesComplianceStatus": "PatchComplianceStatus"
  },
  "ValidationFindingScope": {
    "Type": "ValidationFindingScopeType"
  },
  "ValidationFinding": {
    "Type": "ValidationFindingType",
    "Code": "ValidationFindingCode"
  },
  "NodeAggregator": {
    "AggregatorType": "NodeAggregatorType",
    "TypeName": "NodeTypeName",
    "AttributeName": "NodeAttributeName"
  }
},
  'com.amazonaws.sts': {},
}
