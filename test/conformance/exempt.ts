/** What is not counted, and what this release does not have; docs/coverage.md tells both with the reasons. */

export interface Exemption {
  /** Of which operations; all of them without. */
  readonly operations?: readonly string[]
  /** Errors, or parts of a member's path without its brackets: `failures.detail` is `failures[].detail`, wherever it is. */
  readonly members: readonly string[]
  readonly reason: string
}

const taskOperations = ['DescribeTasks', 'RunTask', 'StartTask', 'StopTask']
const taskSetOperations = [
  'CreateTaskSet',
  'UpdateTaskSet',
  'DeleteTaskSet',
  'DescribeTaskSets',
  'UpdateServicePrimaryTaskSet',
]
const serviceOperations = ['CreateService', 'UpdateService', 'DeleteService', 'DescribeServices']
const clusterChanges = ['CreateCluster', 'UpdateCluster', 'UpdateClusterSettings', 'DeleteCluster']
const instanceChanges = [
  'RegisterContainerInstance',
  'DeregisterContainerInstance',
  'UpdateContainerInstancesState',
]

/** No test could ever send, see or provoke them. */
export const neverCounted: readonly Exemption[] = [
  {
    members: ['ClientException'],
    reason: 'ECS’s name for what it has no other name for. Where tests provoke it, it counts.',
  },
  {
    members: ['requiresAttributes.value', 'requiresAttributes.targetType', 'requiresAttributes.targetId'],
    reason: 'ECS shows the names of required attributes only.',
  },
  {
    operations: [...taskOperations, ...instanceChanges, 'DescribeContainerInstances'],
    members: ['attributes.targetType', 'attributes.targetId'],
    reason: 'Tasks and container instances show the names and values of their attributes only.',
  },
  {
    operations: ['StartTask'],
    members: ['attachmentId', 'privateIpv4Address', 'ipv6Address'].map(name => `networkInterfaces.${name}`),
    reason: 'A task that was just started has no network interface yet.',
  },
  {
    members: ['inferenceAccelerators', 'inferenceAcceleratorOverrides'],
    reason: 'AWS ended Elastic Inference in 2024; requests with it are refused.',
  },
  {
    operations: ['RegisterTaskDefinition'],
    members: ['taskDefinition.deregisteredAt'],
    reason: 'A definition that was just registered is not deregistered.',
  },
  {
    operations: ['RegisterTaskDefinition', 'DeregisterTaskDefinition'],
    members: ['taskDefinition.deleteRequestedAt'],
    reason: 'Its deletion can be requested later only.',
  },
  {
    operations: clusterChanges,
    members: ['cluster.statistics'],
    reason: 'Only DescribeClusters can be asked for statistics; elsewhere the list is empty.',
  },
  {
    operations: [
      'DescribeClusters',
      'DescribeTasks',
      'DescribeServices',
      'DescribeTaskSets',
      'DescribeContainerInstances',
      'UpdateContainerInstancesState',
      'DeleteTaskDefinitions',
    ],
    members: ['failures.detail'],
    reason: 'The reason of these failures has no detail.',
  },
  {
    operations: ['StartTask'],
    members: [
      'tasks.connectivity',
      'tasks.connectivityAt',
      'containers.imageDigest',
      'containers.runtimeId',
      'containers.exitCode',
      'containers.reason',
      'containers.networkBindings',
      'tasks.executionStoppedAt',
      'tasks.pullStartedAt',
      'tasks.pullStoppedAt',
      'tasks.startedAt',
      'tasks.stopCode',
      'tasks.stoppedAt',
      'tasks.stoppedReason',
      'tasks.stoppingAt',
    ],
    reason:
      'A task that was just started has none; RunTask shows them when it is called again with a clientToken.',
  },
  {
    operations: ['RunTask'],
    members: ['BlockedException'],
    reason: 'AWS blocks accounts; Berth does not.',
  },
  {
    operations: instanceChanges,
    members: ['containerInstance.healthStatus', 'containerInstances.healthStatus'],
    reason: 'Only DescribeContainerInstances can be asked for it.',
  },
  {
    operations: ['UpdateContainerInstancesState'],
    members: ['containerInstances.tags'],
    reason: 'Only DescribeContainerInstances can be asked for them.',
  },
  {
    members: ['healthStatus.details.statusReason'],
    reason: 'Agents send no reason with the health of their container runtime.',
  },
  {
    members: ['containerInstance.statusReason', 'containerInstances.statusReason'],
    reason: 'It tells why a registration failed or is going on; registering is one step here.',
  },
  {
    members: ['containerInstance.agentUpdateStatus', 'containerInstances.agentUpdateStatus'],
    reason: 'Agents are updated with the packages of their hosts: no update is ever on its way.',
  },
  {
    operations: ['UpdateContainerAgent'],
    members: ['containerInstance', 'UpdateInProgressException'],
    reason: 'As above: every call is refused, as there is no update.',
  },
  {
    operations: ['RegisterContainerInstance'],
    members: ['ClusterNotFoundException'],
    reason: 'Agents understand ClientException only, and so ECS sends them that.',
  },
  {
    operations: ['StartTask'],
    members: ['managedAgents.lastStartedAt', 'managedAgents.reason'],
    reason: 'The managed agent of a task that was just started is PENDING, and has neither.',
  },
  {
    operations: ['GetTaskProtection', 'UpdateTaskProtection'],
    members: ['failures.detail'],
    reason: 'The reasons of these failures have no detail.',
  },
  {
    operations: ['GetTaskProtection', 'UpdateTaskProtection'],
    members: ['ResourceNotFoundException'],
    reason: 'A task that does not exist is named among the failures, with MISSING.',
  },
  {
    operations: serviceOperations,
    members: ['taskSets.tags'],
    reason: 'Tags of task sets are told by DescribeTaskSets; elsewhere the list is empty.',
  },
  {
    operations: ['CreateService'],
    members: ['service.taskSets.externalId', 'service.taskSets.startedBy'],
    reason: 'CodeDeploy has made none of a service that was just created.',
  },
  {
    operations: ['UpdateTaskSet', 'DeleteTaskSet', 'DescribeTaskSets', 'UpdateServicePrimaryTaskSet'],
    members: ['UnsupportedFeatureException'],
    reason: 'AWS refuses them in regions that do not have task sets; Berth has them in all of them.',
  },
  {
    operations: ['CreateTaskSet', 'UpdateTaskSet', 'DeleteTaskSet'],
    members: ['LimitExceededException'],
    reason: 'ECS refuses the sixth task set with InvalidParameterException.',
  },
  {
    operations: ['GetTaskProtection', 'UpdateTaskProtection'],
    members: ['UnsupportedFeatureException'],
    reason: 'AWS refuses them in regions that do not have task protection; Berth has it in all of them.',
  },
  {
    operations: [
      'DescribeServiceDeployments',
      'ListServiceDeployments',
      'DescribeServiceRevisions',
      'StopServiceDeployment',
      'ContinueServiceDeployment',
    ],
    members: ['UnsupportedFeatureException'],
    reason: 'AWS refuses them in regions that do not have them; Berth has them in all of them.',
  },
  {
    operations: ['DescribeServiceDeployments', 'DescribeServiceRevisions'],
    members: ['failures.detail'],
    reason: 'The reason of these failures has no detail.',
  },
  {
    operations: ['CreateService'],
    members: ['service.events'],
    reason: 'A service that was just created has none.',
  },
]

/** Requests that ask for one of these are refused, naming it; what only answers have is absent from them. */
export const notInThisRelease: readonly Exemption[] = [
  {
    members: ['fargateEphemeralStorage.kmsKeyId'],
    operations: [
      ...taskOperations,
      ...instanceChanges,
      ...serviceOperations,
      ...taskSetOperations,
      'DescribeServiceRevisions',
      'DescribeContainerInstances',
    ],
    reason: 'Keys for the storage of tasks.',
  },
  {
    operations: [...instanceChanges, 'DescribeContainerInstances', 'SubmitAttachmentStateChanges'],
    members: ['attachments', 'acknowledgment'],
    reason: 'Network interfaces of container instances (trunks).',
  },
  {
    operations: [...serviceOperations, ...taskSetOperations],
    members: ['loadBalancerName', 'roleArn'],
    reason: 'Classic Load Balancers, and roles for load balancers.',
  },
  {
    operations: ['ListServicesByNamespace'],
    members: ['serviceArns', 'nextToken'],
    reason: 'Service Connect, and namespaces of AWS Cloud Map.',
  },
  { members: ['serviceRegistries'], reason: 'Service discovery.' },
  {
    members: [
      'serviceConnectConfiguration',
      'serviceConnectResources',
      'serviceConnectEndpoint',
      'NamespaceNotFoundException',
    ],
    reason: 'Service Connect, and namespaces of AWS Cloud Map.',
  },
  {
    members: ['capacityProviderName', 'ClusterContainsCapacityProviderException', 'attachmentsStatus'],
    reason: 'Capacity providers.',
  },
  {
    operations: ['RunTask', ...serviceOperations, ...taskSetOperations, 'DescribeServiceRevisions'],
    members: ['capacityProviderStrategy'],
    reason: 'Capacity providers.',
  },
  {
    operations: [...clusterChanges, 'DescribeClusters'],
    members: ['attachments', 'UpdateInProgressException'],
    reason: 'Capacity providers.',
  },
  { members: ['managedEBSVolume.kmsKeyId'], reason: 'Encrypted EBS volumes.' },
  { operations: ['ListTasks'], members: ['daemonName'], reason: 'Daemons.' },
  {
    operations: taskOperations,
    members: ['overrides.taskRoleArn'],
    reason: 'Roles of tasks: every instance is refused with ATTRIBUTE, and the detail names what is missing.',
  },
  {
    operations: [...taskOperations, ...instanceChanges, 'DescribeContainerInstances'],
    members: ['sharingStrategy', 'gpuSharingStrategy', 'gpuDevices', 'neuronDeviceIds'],
    reason: 'GPUs that containers share, and AWS Neuron devices.',
  },
  {
    operations: [
      'CreateService',
      'UpdateService',
      'DeleteService',
      'DescribeServices',
      'DescribeServiceRevisions',
    ],
    members: ['vpcLatticeConfigurations', 'gatewayConnectors', 'monitoring'],
    reason: 'Amazon VPC Lattice, gateways, and the resolution of service metrics.',
  },
  {
    operations: ['DescribeServiceRevisions'],
    members: ['ecsManagedResources', 'overrides'],
    reason: 'Services of the Express mode, and what ECS itself overrides of a definition.',
  },
  {
    operations: ['DescribeServiceDeployments'],
    members: [
      'requestedTestTrafficWeight',
      'requestedProductionTrafficWeight',
      'lifecycleStage',
      'lifecycleHookDetails',
    ],
    reason: 'Blue/green, linear and canary deployments.',
  },
]

/** Members that count, of which some values are refused. */
export const valuesNotInThisRelease: readonly string[] = [
  'launchType and requiresCompatibilities: MANAGED_INSTANCES (registering a definition for it works, running it is refused)',
  'managedEBSVolume.encrypted: true',
]

const matches =
  (operation: string, member: string) =>
  ({ operations, members }: Exemption): boolean => {
    const path = `.${member.replaceAll('[]', '')}.`
    return (!operations || operations.includes(operation)) && members.some(part => path.includes(`.${part}.`))
  }

export const isNeverCounted = (operation: string, member: string): boolean =>
  neverCounted.some(matches(operation, member))

/** Why this release does not have the member; undefined when it has. */
export const absenceOf = (operation: string, member: string): string | undefined =>
  notInThisRelease.find(matches(operation, member))?.reason
