/** Which host carries a load balancer: one of those that the operator offers with the attribute `berth.ingress`. Pure. */
import { scopeKey, scopeOfArn } from '@berth/model'
import type { View } from '../../store/view.ts'
import { type ContainerInstanceRow, containerInstances, isIngressHost } from '../ecs/index.ts'
import { loadBalancers } from '../elbv2/index.ts'
import { heldPortOf } from './held-ports.ts'

/** It is there, and not given up: its load balancers stay where they are, whatever the others carry. */
const mayKeep = (host: ContainerInstanceRow): boolean =>
  isIngressHost(host) && host.status !== 'INACTIVE' && host.lostAt === undefined

const mayGet = (host: ContainerInstanceRow): boolean =>
  mayKeep(host) && host.status === 'ACTIVE' && host.agentConnected

/**
 * The host that carries it on, or the one with the fewest load balancers, if possible of those where no task has a port of its
 * listeners; undefined when there is none.
 */
export const carrierOf = (
  view: View,
  loadBalancerArn: string,
  current: string | undefined,
): ContainerInstanceRow | undefined => {
  const host = current === undefined ? undefined : view.get(containerInstances, current)
  const keeps = host !== undefined && mayKeep(host)
  if (keeps && host.status === 'ACTIVE') return host
  return leastLoaded(view, loadBalancerArn) ?? (keeps ? host : undefined)
}

/** More than any host carries. */
const blockedBurden = 1_000_000_000

const leastLoaded = (view: View, loadBalancerArn: string): ContainerInstanceRow | undefined => {
  let best: ContainerInstanceRow | undefined
  let least = Number.POSITIVE_INFINITY
  const key = scopeKey(scopeOfArn(loadBalancerArn))
  for (const host of view.where(containerInstances, 'ingressHosts', key)) {
    if (!mayGet(host)) continue
    const isBlocked = heldPortOf(view, loadBalancerArn, host.id) !== undefined
    const burden = view.count(loadBalancers, 'byContainerInstance', host.id) + (isBlocked ? blockedBurden : 0)
    if (burden >= least) continue
    best = host
    least = burden
  }
  return best
}

/** Whether a change of a host may let load balancers come to it that have none. */
export const hasBecomeCarrier = (
  before: ContainerInstanceRow | undefined,
  after: ContainerInstanceRow | undefined,
): boolean => after !== undefined && mayGet(after) && !(before !== undefined && mayGet(before))

/** Whether a change of a host may take its load balancers away. */
export const hasChangedForCarried = (
  before: ContainerInstanceRow | undefined,
  after: ContainerInstanceRow | undefined,
): boolean =>
  before?.status !== after?.status ||
  before?.lostAt !== after?.lostAt ||
  before?.attributes !== after?.attributes
