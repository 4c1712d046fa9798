/** **Berth**: ports that no task gets of a host, since listeners of the load balancers that it carries have them. */
import type { View } from '../../../store/view.ts'
import {
  hostPortOfListener,
  type ListenerRow,
  type LoadBalancerRow,
  listeners,
  loadBalancers,
} from '../../elbv2/index.ts'

type Ports = ReadonlySet<string>

const nothing: ReadonlyMap<string, Ports> = new Map()

const portsByLoadBalancer = (rows: Iterable<ListenerRow>): ReadonlyMap<string, Ports> => {
  const all = new Map<string, Set<string>>()
  for (const row of rows) {
    const port = hostPortOfListener(row)
    if (port === undefined) continue
    const ports = all.get(row.loadBalancerArn)
    if (ports) ports.add(port)
    else all.set(row.loadBalancerArn, new Set([port]))
  }
  return all
}

const carriers = (rows: Iterable<LoadBalancerRow>): ReadonlyMap<string, string> => {
  const all = new Map<string, string>()
  for (const { id, carried } of rows)
    if (carried?.containerInstanceArn !== undefined) all.set(id, carried.containerInstanceArn)
  return all
}

/** What was last made of the ports of load balancers, and of which carriers. */
const made = new WeakMap<
  ReadonlyMap<string, Ports>,
  { readonly of: ReadonlyMap<string, string>; readonly ports: ReadonlyMap<string, Ports> }
>()

/** By container instance: the same map until a listener or who carries a load balancer changes. */
export const listenerPorts = (view: View): ReadonlyMap<string, Ports> => {
  const byLoadBalancer = view.derived(listeners, portsByLoadBalancer)
  if (byLoadBalancer.size === 0) return nothing
  const hosts = view.derived(loadBalancers, carriers)
  const known = made.get(byLoadBalancer)
  if (known?.of === hosts) return known.ports
  const ports = new Map<string, Set<string>>()
  for (const [loadBalancerArn, own] of byLoadBalancer) {
    const host = hosts.get(loadBalancerArn)
    if (host !== undefined) ports.set(host, new Set([...(ports.get(host) ?? []), ...own]))
  }
  made.set(byLoadBalancer, { of: hosts, ports })
  return ports
}
