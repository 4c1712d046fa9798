/** Gives each load balancer an address to listen on, interfaces in its subnets, and a host that carries it. */

import { scopeKey, scopeOfArn } from '@berth/model'
import {
  type Expectation,
  type Plan,
  put,
  type Reconciler,
  remove,
  type Surroundings,
  unchanged,
} from '../../control-loop/plan.ts'
import type { View } from '../../store/view.ts'
import { type Block, type NetworkInterfaceRow, networkInterfaces } from '../ec2/index.ts'
import {
  type ContainerInstanceRow,
  containerInstances,
  portsNewsOf,
  type TaskRow,
  tasks,
} from '../ecs/index.ts'
import { type ListenerRow, type LoadBalancerRow, listeners, loadBalancers } from '../elbv2/index.ts'
import { freeFrontAddress } from './front-addresses.ts'
import { heldPortOf } from './held-ports.ts'
import { carrierOf, hasBecomeCarrier, hasChangedForCarried } from './ingress-hosts.ts'
import { interfacesOf } from './load-balancer-interfaces.ts'

const nothing: Plan = { expects: [], steps: [] }

/** What is given back by others is not told of: so often it is looked for. */
const lookAgainMs = 60_000

/** A key is a load balancer's ARN, also of one that is gone. */
export const loadBalancerReconciler = (frontAddresses: readonly Block[]): Reconciler => ({
  name: 'elbv2.load-balancers',
  keys: function* (view) {
    for (const { id } of view.all(loadBalancers)) yield id
  },
  tables: [loadBalancers, containerInstances, networkInterfaces, listeners, tasks],
  keysOf: ({ table, id, before, after }, view) => {
    if (table.name === loadBalancers.name) return [id]
    if (table.name === containerInstances.name)
      return concernedBy(view, id, before as ContainerInstanceRow | undefined, after as ContainerInstanceRow)
    if (table.name === listeners.name) return [((after ?? before) as ListenerRow).loadBalancerArn]
    if (table.name === tasks.name)
      return loadBalancersInTheWay(view, before as TaskRow | undefined, after as TaskRow | undefined)
    const { holder } = (after ?? before) as NetworkInterfaceRow
    return holder?.kind === 'load-balancer' ? [holder.loadBalancerArn] : []
  },
  reconcile: (view, key, surroundings) => {
    const row = view.get(loadBalancers, key)
    return row ? carried(view, row, surroundings, frontAddresses) : withoutLoadBalancer(view, key)
  },
})

function* concernedBy(
  view: View,
  hostArn: string,
  before: ContainerInstanceRow | undefined,
  after: ContainerInstanceRow | undefined,
): Iterable<string> {
  if (hasChangedForCarried(before, after))
    for (const { id } of view.where(loadBalancers, 'byContainerInstance', hostArn)) yield id
  if (hasBecomeCarrier(before, after))
    for (const { id } of view.where(loadBalancers, 'waiting', scopeKey(scopeOfArn(hostArn)))) yield id
}

/** Those of the host whose ports a task takes, or gives back. */
function* loadBalancersInTheWay(
  view: View,
  before: TaskRow | undefined,
  after: TaskRow | undefined,
): Iterable<string> {
  const news = portsNewsOf(before, after)
  if (news === undefined) return
  for (const { id } of view.where(loadBalancers, 'byContainerInstance', news.containerInstanceArn)) yield id
}

const carried = (
  view: View,
  row: LoadBalancerRow,
  surroundings: Surroundings,
  pool: readonly Block[],
): Plan => {
  const frontAddress = row.carried?.frontAddress ?? newFrontAddress(view, row, pool)
  if (frontAddress === undefined) return impaired(view, row, noAddress, surroundings.now)
  const host = carrierOf(view, row.id, row.carried?.containerInstanceArn)
  const { ids, steps, fullSubnetId } = interfacesOf(view, row, host?.id, surroundings)
  // What one host refuses another one may take.
  const isSameHost = row.carried?.containerInstanceArn === host?.id
  const isSame =
    steps.length === 0 &&
    row.carried !== undefined &&
    isSameHost &&
    row.carried.interfaceIds.join() === ids.join()
  const wakeAt = fullSubnetId === undefined ? undefined : surroundings.now + lookAgainMs
  const { refusal, ...rest } = row
  const after: LoadBalancerRow = {
    ...rest,
    ...(isSameHost && refusal !== undefined && { refusal }),
    state: stateOf(row, host, [
      subnetProblem(fullSubnetId),
      portProblem(host && heldPortOf(view, row.id, host.id)),
      refusalProblem(isSameHost ? refusal : undefined),
    ]),
    carried: isSame
      ? row.carried
      : { frontAddress, interfaceIds: ids, ...(host && { containerInstanceArn: host.id }) },
  }
  const wake = wakeAt === undefined ? {} : { wakeAt }
  if (isSame && sameState(after, row)) return { ...nothing, ...wake }
  const expects: Expectation[] = [unchanged(view, loadBalancers, row.id)]
  if (host) expects.push(unchanged(view, containerInstances, host.id))
  return { expects, steps: [...steps, put(loadBalancers, after)], ...wake }
}

const sameState = ({ state }: LoadBalancerRow, before: LoadBalancerRow): boolean =>
  state.code === before.state.code && state.reason === before.state.reason

const newFrontAddress = (view: View, { id }: LoadBalancerRow, pool: readonly Block[]): string | undefined =>
  freeFrontAddress(pool, id, address => view.count(loadBalancers, 'byFrontAddress', address) > 0)

const noAddress = 'No address is left for it: BERTH_LOAD_BALANCER_ADDRESSES has to name more.'
const noHost = 'No host that is connected has the attribute berth.ingress=true.'

const subnetProblem = (fullSubnetId: string | undefined) =>
  fullSubnetId && `The subnet ${fullSubnetId} has no free address for it.`
const portProblem = (heldPort: string | undefined) =>
  heldPort &&
  `A task on the host that carries it has the port ${heldPort}: the listener is opened when the task has ended.`
const refusalProblem = (refusal: string | undefined) =>
  refusal && `Its newest configuration is not in force: ${refusal}`

/** "active_impaired: The load balancer is routing traffic but does not have the resources it needs to scale." (AWS: LoadBalancerState) */
const stateOf = (
  { state }: LoadBalancerRow,
  host: ContainerInstanceRow | undefined,
  problems: readonly (string | undefined)[],
): LoadBalancerRow['state'] => {
  if (host === undefined) return { code: impairedCode(state), reason: noHost }
  const reason = problems.find(problem => problem !== undefined)
  if (reason !== undefined) return { code: impairedCode(state), reason }
  return { code: 'active' }
}

/** What was never active is still being provisioned. */
const impairedCode = ({ code }: LoadBalancerRow['state']): 'provisioning' | 'active_impaired' =>
  code === 'provisioning' ? 'provisioning' : 'active_impaired'

const impaired = (view: View, row: LoadBalancerRow, reason: string, now: number): Plan => {
  const after: LoadBalancerRow = { ...row, state: { code: impairedCode(row.state), reason } }
  const wakeAt = now + lookAgainMs
  if (sameState(after, row)) return { ...nothing, wakeAt }
  return { expects: [unchanged(view, loadBalancers, row.id)], steps: [put(loadBalancers, after)], wakeAt }
}

/** Its interfaces go with it. */
const withoutLoadBalancer = (view: View, loadBalancerArn: string): Plan => {
  const rows = [...view.where(networkInterfaces, 'byHolder', loadBalancerArn)]
  return {
    expects: [unchanged(view, loadBalancers, loadBalancerArn)],
    steps: rows.map(({ id }) => remove(networkInterfaces, id)),
  }
}
