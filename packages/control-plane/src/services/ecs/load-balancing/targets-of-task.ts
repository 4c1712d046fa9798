/** With which target groups a task is registered, and where they reach it. Pure. */
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { networkModeOf } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { type TargetGroupRow, targetGroups, targetRowId } from '../../elbv2/index.ts'
import {
  containerInstances,
  type DeploymentRow,
  deployments,
  type TaskRow,
  type TaskSetRow,
  taskDefinitions,
  taskSets,
} from '../tables/index.ts'

export interface TaskTarget {
  /** Of its row. */
  readonly id: string
  readonly targetGroupArn: string
  readonly targetId: string
  readonly port: number
  /** Of an address. */
  readonly availabilityZone?: string | undefined
}

/** The deployment or task set that a task is of. */
const cohortOf = (view: View, { deploymentId }: TaskRow): DeploymentRow | TaskSetRow | undefined =>
  deploymentId === undefined
    ? undefined
    : (view.get(deployments, deploymentId) ?? view.get(taskSets, deploymentId))

/** Which of a load balancer's two target groups the tasks of a deployment are registered with. */
export const targetGroupOf = (
  { targetGroupArn = '', advancedConfiguration }: LoadBalancer,
  usesAlternate: boolean,
): string => (usesAlternate && advancedConfiguration?.alternateTargetGroupArn) || targetGroupArn

/** Undefined as long as one of its containers cannot be reached, and for a task of no load balancer. */
export const targetsOfTask = (view: View, task: TaskRow): readonly TaskTarget[] | undefined => {
  const cohort = cohortOf(view, task)
  const definition = view.get(taskDefinitions, task.taskDefinitionArn)?.definition
  if (!cohort?.loadBalancers?.length || definition === undefined || task.lastStatus !== 'RUNNING')
    return undefined
  const usesAlternate = 'usesAlternateTargetGroups' in cohort && cohort.usesAlternateTargetGroups === true
  const all: TaskTarget[] = []
  for (const balancer of cohort.loadBalancers) {
    const group = view.get(targetGroups, targetGroupOf(balancer, usesAlternate))
    // One that was deleted meanwhile keeps a task from no other one.
    if (group === undefined) continue
    const target = reached(view, task, networkModeOf(definition), balancer, group)
    if (target === undefined) return undefined
    all.push({ id: targetRowId(group.id, target.targetId, target.port), targetGroupArn: group.id, ...target })
  }
  return all
}

const reached = (
  view: View,
  task: TaskRow,
  networkMode: string,
  { containerName, containerPort = 0 }: LoadBalancer,
  group: TargetGroupRow,
): Omit<TaskTarget, 'id' | 'targetGroupArn'> | undefined => {
  if (group.targetType === 'ip') {
    const targetId = task.networkInterface?.created?.privateIpv4Address
    const { availabilityZone } = task
    return targetId === undefined ? undefined : { targetId, port: containerPort, availabilityZone }
  }
  const instance = view.get(containerInstances, task.containerInstanceArn ?? '')
  const targetId = instance?.ec2InstanceId
  const port =
    networkMode === 'host' ? containerPort : hostPortOf(task, containerName, containerPort, protocolOf(group))
  return targetId === undefined || port === undefined ? undefined : { targetId, port }
}

const hostPortOf = (
  { containers }: TaskRow,
  containerName: string | undefined,
  containerPort: number,
  protocol: 'tcp' | 'udp',
): number | undefined => {
  const bindings =
    containers
      .find(({ name }) => name === containerName)
      ?.networkBindings?.filter(binding => binding.containerPort === containerPort) ?? []
  // A port that is mapped for the other protocol alone is registered all the same: its health checks say what is wrong.
  const binding = bindings.find(({ protocol: own = 'tcp' }) => own === protocol) ?? bindings[0]
  return binding?.hostPort
}

const protocolOf = ({ protocol }: Pick<TargetGroupRow, 'protocol'>): 'tcp' | 'udp' =>
  protocol === 'UDP' ? 'udp' : 'tcp'
