import * as client from '@aws-sdk/client-ecs'
import { effects } from '../../control-loop/effects-table.ts'
import { ec2Service, type PublicAddressSettings } from '../ec2/index.ts'
import { efsService } from '../efs/index.ts'
import { elbv2Tables } from '../elbv2/index.ts'
import type { Service } from '../service.ts'
import { unsupportedOperations } from '../unsupported.ts'
import { noHookTargets } from './deployment/hooks/hook-targets.ts'
import { defaultServiceSettings, type ServiceSettings } from './deployment/service-plan.ts'
import type { StrategySettings } from './deployment/strategies/stage-state.ts'
import { loadBalancerRouter } from './deployment/traffic/load-balancer-router.ts'
import { numberMembers } from './number-members.ts'
import { accountSettingOperations } from './operations/account-settings/index.ts'
import { agentMembers, agentOperations } from './operations/agent/index.ts'
import { attributeOperations } from './operations/attributes/index.ts'
import { clusterOperations } from './operations/clusters/index.ts'
import { containerInstanceOperations } from './operations/container-instances/index.ts'
import { execOperations } from './operations/exec/index.ts'
import { serviceDeploymentOperations } from './operations/service-deployments/index.ts'
import { serviceOperations } from './operations/services/index.ts'
import { tagOperations } from './operations/tags/index.ts'
import { taskDefinitionOperations } from './operations/task-definitions/index.ts'
import { taskSetOperations } from './operations/task-sets/index.ts'
import { taskOperations } from './operations/tasks/index.ts'
import { abandonedStorageReconciler } from './reconcilers/abandoned-storage.ts'
import { clientTokenReconciler } from './reconcilers/client-token.ts'
import { deploymentAlarmReconciler } from './reconcilers/deployment-alarms.ts'
import { drainingTasksReconciler } from './reconcilers/draining-tasks.ts'
import { endedEffectReconciler } from './reconcilers/ended-effects.ts'
import { execSessionReconciler } from './reconcilers/exec-sessions.ts'
import { inactiveInstanceReconciler } from './reconcilers/inactive-instances.ts'
import {
  type LostInstanceSettings,
  lostInstanceDefaults,
  lostInstanceReconciler,
} from './reconcilers/lost-instances.ts'
import { servicePlacementReconciler } from './reconcilers/service-placement.ts'
import { serviceReconciler } from './reconcilers/services.ts'
import { stoppedTaskReconciler } from './reconcilers/stopped-tasks.ts'
import { targetEventReconciler } from './reconcilers/target-events.ts'
import { taskDefinitionReconciler } from './reconcilers/task-definition.ts'
import { taskInterfaceReconciler } from './reconcilers/task-interfaces.ts'
import { taskTargetReconciler } from './reconcilers/task-targets.ts'
import { taskVolumeReconciler } from './reconcilers/task-volumes.ts'
import {
  accountSettings,
  alarmStates,
  clientTokens,
  clusters,
  containerInstances,
  deployments,
  endedExecSessions,
  endedServiceDeployments,
  execSessions,
  families,
  pastServiceRevisions,
  serviceDeployments,
  serviceEvents,
  services,
  stoppedTasks,
  targetNews,
  taskDefinitions,
  taskSets,
  tasks,
  zoneOutages,
} from './tables/index.ts'

/** One list from each folder under operations/. */
const operationsWith = (settings: StrategySettings): Service['operations'] => [
  ...accountSettingOperations,
  ...agentOperations,
  ...attributeOperations,
  ...clusterOperations,
  ...containerInstanceOperations,
  ...execOperations,
  ...serviceDeploymentOperations,
  ...serviceOperations(settings),
  ...tagOperations,
  ...taskDefinitionOperations,
  ...taskOperations,
  ...taskSetOperations(settings),
]

export {
  type HookCall,
  type HookTarget,
  type HookTargets,
  hookCallKind,
  noHookTargets,
} from './deployment/hooks/hook-targets.ts'
export { answerOfHookTask, NoRoomForHook, startHookTask } from './deployment/hooks/hook-task.ts'
export { mainContainerOf } from './deployment/hooks/pre-deployment-task.ts'
export { checkPausable, paused, pausedService, resumed, resumedService } from './deployment/pause.ts'
export { serviceEvent } from './deployment/service-events.ts'
export { shiftPerformer } from './deployment/traffic/direct-traffic.ts'
export { shiftKind } from './deployment/traffic/traffic-router.ts'
export { invalidParameter } from './errors.ts'
export { endExecSession } from './exec-sessions.ts'
export { isPortHeld, portsNewsOf } from './held-ports.ts'
export { hostInstances } from './host-instances.ts'
export { openPage } from './pagination.ts'
export {
  activeCluster,
  activeService,
  activeTaskDefinition,
  findCluster,
  hasEc2Instance,
  serviceArnOf,
} from './references.ts'
export { clusterResource, resourceInCluster } from './resource-arns.ts'
export { taskResponse } from './responses/task.ts'
export {
  type ContainerInstanceRow,
  containerInstances,
  type EndedExecSession,
  type ExecSessionRow,
  ec2InstanceKey,
  endedExecSessions,
  endedServiceDeployments,
  execSessions,
  isIngressHost,
  minuteMs,
  type PreDeploymentTask,
  pastServiceRevisions,
  type ServiceRow,
  serviceEvents,
  services,
  stoppedMinute,
  stoppedTasks,
  type TaskRow,
  tasks,
} from './tables/index.ts'

/** What the store must know of. */
export const ecsTables: Pick<Service, 'tables' | 'histories'> = {
  tables: [
    effects,
    accountSettings,
    alarmStates,
    clientTokens,
    clusters,
    containerInstances,
    deployments,
    execSessions,
    families,
    serviceDeployments,
    services,
    targetNews,
    taskDefinitions,
    taskSets,
    tasks,
    zoneOutages,
    // What is read and written of other services.
    ...ec2Service.tables,
    ...efsService.tables,
    ...elbv2Tables,
  ],
  histories: [endedExecSessions, endedServiceDeployments, pastServiceRevisions, serviceEvents, stoppedTasks],
}

export interface EcsSettings
  extends Pick<LostInstanceSettings, 'startedAt' | 'lostAfterMs'>,
    Partial<Pick<LostInstanceSettings, 'graceMs'>>,
    Pick<ServiceSettings, 'taskSettleMs'>,
    PublicAddressSettings,
    Partial<StrategySettings> {}

/** Amazon ECS, with what the server was configured with. */
export const createEcsService = ({
  taskSettleMs,
  hookTargets = noHookTargets,
  trafficRouter = loadBalancerRouter,
  publicAddresses,
  ...lost
}: EcsSettings): Service => {
  const strategies = { hookTargets, trafficRouter }
  const operations = operationsWith(strategies)
  return {
    name: 'ecs',
    client,
    extraMembers: agentMembers,
    extraEnumValues: { SettingName: ['dualStackIPv6'] },
    numberMembers,
    operations: [...operations, ...unsupportedOperations(client, operations)],
    ...ecsTables,
    reconcilers: [
      abandonedStorageReconciler,
      clientTokenReconciler,
      deploymentAlarmReconciler,
      drainingTasksReconciler,
      execSessionReconciler,
      inactiveInstanceReconciler,
      endedEffectReconciler,
      lostInstanceReconciler({ ...lostInstanceDefaults, ...lost }),
      servicePlacementReconciler,
      serviceReconciler({ ...defaultServiceSettings, ...strategies, taskSettleMs }),
      stoppedTaskReconciler,
      taskDefinitionReconciler,
      taskInterfaceReconciler({ publicAddresses }),
      taskTargetReconciler,
      targetEventReconciler,
      taskVolumeReconciler,
    ],
  }
}
