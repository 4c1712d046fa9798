import { type Scope, scopeOfArn } from '@berth/model'
import {
  type Expectation,
  type Plan,
  put,
  type Reconciler,
  remove,
  type Step,
  type Surroundings,
  unchanged,
} from '../../../control-loop/plan.ts'
import type { Change, View } from '../../../store/view.ts'
import {
  addresses,
  addressesOfInterface,
  defaultSecurityGroupId,
  findSecurityGroup,
  findSubnet,
  managedInterface,
  type NetworkInterfaceRow,
  networkInterfaceIdOf,
  networkInterfaces,
  nextAddress,
  nextIpv6Address,
  nextPublicAddress,
  type PublicAddressSettings,
  privateNameOf,
  type SubnetRow,
  subnets,
  taskAddress,
  withLastGivenIpv6,
} from '../../ec2/index.ts'
import { givesIpv6 } from '../networking/dual-stack.ts'
import { attachmentArnOf, awaitsInterface } from '../networking/task-interface.ts'
import { containerInstances, type TaskInterface, type TaskRow, tasks } from '../tables/index.ts'
import { stopForGood } from '../task-stop.ts'

/**
 * Gives tasks of the network mode awsvpc their interface, with an address of their subnet, and takes it back once nothing of
 * the task can run any more. One task at a time, so that each sees what those before it took. A key is the task's ARN.
 */
export const taskInterfaceReconciler = (settings: PublicAddressSettings): Reconciler => ({
  name: 'ecs.task-interfaces',
  tables: [tasks],
  keys: function* (view) {
    for (const { holder } of view.all(networkInterfaces)) if (holder?.kind === 'task') yield holder.taskArn
    for (const task of view.where(tasks, 'byInterfaceStatus', 'PRECREATED')) yield task.id
  },
  keysOf: ({ before, after }: Change) =>
    taskConcerned(before as TaskRow | undefined, after as TaskRow | undefined),
  reconcile: (view, taskArn, surroundings) => {
    const task = view.get(tasks, taskArn)
    // A task that left for history without its host's word: the host is not coming back with it.
    if (task === undefined || isOver(task)) return takeBack(view, taskArn, task)
    return awaitsInterface(task) ? give(view, task, settings, surroundings) : nothing
  },
})

const nothing: Plan = { expects: [], steps: [] }

/** Between a task's beginning and its end nothing is to be done. */
const taskConcerned = (before: TaskRow | undefined, after: TaskRow | undefined): string[] => {
  const task = after ?? before
  if (!task?.networkInterface) return []
  return before === undefined || after === undefined || isOver(after) ? [task.id] : []
}

const isOver = ({ lastStatus, stopUnconfirmed }: TaskRow): boolean =>
  lastStatus === 'STOPPED' && !stopUnconfirmed

const takeBack = (view: View, taskArn: string, task: TaskRow | undefined): Plan => {
  const expects: Expectation[] = [unchanged(view, tasks, taskArn)]
  const steps: Step[] = []
  for (const row of view.where(networkInterfaces, 'byHolder', taskArn)) {
    expects.push(unchanged(view, networkInterfaces, row.id))
    steps.push(remove(networkInterfaces, row.id))
    for (const { id } of addressesOfInterface(view, row)) steps.push(remove(addresses, id))
  }
  if (task?.networkInterface && task.networkInterface.status !== 'DELETED')
    steps.push(put(tasks, withInterface(task, { ...task.networkInterface, status: 'DELETED' })))
  return steps.length > 0 ? { expects, steps } : nothing
}

const withInterface = (task: TaskRow, networkInterface: TaskInterface): TaskRow => ({
  ...task,
  networkInterface,
  version: task.version + 1,
})

const give = (
  view: View,
  task: TaskRow,
  settings: PublicAddressSettings,
  surroundings: Surroundings,
): Plan => {
  const { networkInterface } = task
  if (networkInterface === undefined) return nothing
  const scope = scopeOfArn(task.id)
  const found = placeOf(view, scope, task, networkInterface, settings)
  const expects = [unchanged(view, tasks, task.id)]
  if ('error' in found) {
    const cause = { stopCode: 'TaskFailedToStart', reason: failureOf(networkInterface, found.error) } as const
    const stopped = stopForGood(task, cause, surroundings.now)
    return { expects, steps: [put(tasks, stopped)] }
  }
  const { subnet, address, ipv6Address, publicIp } = found
  const row = newInterface(view, task, networkInterface, found, surroundings)
  const created = {
    networkInterfaceId: networkInterfaceIdOf(row),
    macAddress: row.macAddress,
    privateIpv4Address: address,
    ...(ipv6Address !== undefined && { ipv6Address }),
    privateDnsName: privateNameOf(address, scope.region),
  }
  return {
    expects: [...expects, unchanged(view, subnets, subnet.id)],
    steps: [
      put(networkInterfaces, row),
      ...(publicIp === undefined ? [] : [put(addresses, taskAddress(row, publicIp, surroundings.randomHex))]),
      put(subnets, { ...withLastGivenIpv6(subnet, ipv6Address), lastGiven: address }),
      put(tasks, withInterface(task, { ...networkInterface, status: 'CREATED', created })),
    ],
  }
}

interface Place {
  readonly subnet: SubnetRow
  readonly address: string
  readonly ipv6Address?: string | undefined
  readonly groupIds: readonly string[]
  readonly publicIp?: string | undefined
  /** It asks for a public address, of which the operator has none. */
  readonly sharesHostAddress?: true | undefined
}

/** (AWS: "Troubleshooting Amazon ECS TaskFailedToStart errors") */
const failureOf = ({ subnetId, assignsPublicIp }: TaskInterface, error: string): string => {
  const what = assignsPublicIp ? 'with public IP assignment enabled ' : ''
  return `Unexpected EC2 error while attempting to Create Network Interface ${what}in subnet '${subnetId}': ${error}`
}

/** `error` is EC2's own code. */
const placeOf = (
  view: View,
  scope: Scope,
  { containerInstanceArn }: TaskRow,
  { subnetId, securityGroupIds, assignsPublicIp, allowsIpv6 }: TaskInterface,
  settings: PublicAddressSettings,
): Place | { readonly error: string } => {
  const subnet = findSubnet(view, scope, subnetId)
  if (subnet === undefined) return { error: 'InvalidSubnetID.NotFound' }
  const byDefault = securityGroupIds.length > 0 ? [] : [defaultSecurityGroupId(view, scope, subnet.vpcId)]
  const groupIds = [...securityGroupIds, ...byDefault].filter(groupId => groupId !== undefined)
  const isComplete = groupIds.every(groupId => findSecurityGroup(view, scope, groupId) !== undefined)
  if (groupIds.length === 0 || !isComplete) return { error: 'InvalidGroup.NotFound' }
  const address = nextAddress(view, scope, subnet)
  if (address === undefined) return { error: 'InsufficientFreeAddressesInSubnet' }
  const host =
    containerInstanceArn === undefined ? undefined : view.get(containerInstances, containerInstanceArn)
  const ipv6Address = allowsIpv6 && host && givesIpv6(host) ? nextIpv6Address(view, scope, subnet) : undefined
  const place = { subnet, address, ipv6Address, groupIds }
  if (!assignsPublicIp) return place
  if (settings.publicAddresses === undefined) return { ...place, sharesHostAddress: true }
  const publicIp = nextPublicAddress(view, settings)
  return publicIp === undefined ? { error: 'AddressLimitExceeded' } : { ...place, publicIp }
}

const newInterface = (
  view: View,
  task: TaskRow,
  networkInterface: TaskInterface,
  { publicIp: _, ...place }: Place,
  { now, randomHex }: Surroundings,
): NetworkInterfaceRow => {
  const { containerInstanceArn } = task
  const instance = containerInstanceArn && view.get(containerInstances, containerInstanceArn)
  const made = {
    ...place,
    description: attachmentArnOf(task, networkInterface),
    requesterId: 'amazon-ecs',
    holder: { kind: 'task', taskArn: task.id } as const,
    containerInstanceArn,
    attachedAt: now,
    instanceId: instance && task.launchType !== 'FARGATE' ? instance.ec2InstanceId : undefined,
    tags: [],
  }
  return managedInterface(scopeOfArn(task.id), made, randomHex)
}
