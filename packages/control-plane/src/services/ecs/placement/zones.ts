import type { View } from '../../../store/view.ts'
import type { ContainerInstanceRow } from '../tables/index.ts'
import { attributesOf } from './attributes.ts'
import { activeInstancesOf, candidateOf } from './candidate.ts'
import { filtersOf } from './filters.ts'
import type { PlacementRequest } from './place.ts'

/** Hosts that name no zone are together in the one with the empty name, as in placement. */
const zoneOf = (instance: ContainerInstanceRow): string =>
  attributesOf(instance).get('ecs.availability-zone') ?? ''

const zonesOfInstances = new WeakMap<readonly ContainerInstanceRow[], ReadonlySet<string>>()

/** The zones of a cluster in which an instance is ACTIVE and connected. */
export const connectedZones = (view: View, clusterArn: string): ReadonlySet<string> => {
  const instances = activeInstancesOf(view, clusterArn)
  let zones = zonesOfInstances.get(instances)
  if (!zones) {
    zones = new Set(instances.filter(({ agentConnected }) => agentConnected).map(zoneOf))
    zonesOfInstances.set(instances, zones)
  }
  return zones
}

/** Those of the zones in which an instance would take the request's tasks if it had room. */
export const zonesThatSuit = (view: View, request: PlacementRequest, zones: Iterable<string>): string[] => {
  const { ofInstance } = filtersOf(request)
  const left = new Set(zones)
  const suitable: string[] = []
  for (const instance of activeInstancesOf(view, request.clusterArn)) {
    if (left.size === 0) break
    const zone = zoneOf(instance)
    if (!left.has(zone) || ofInstance(view, candidateOf(view, instance, undefined)) !== undefined) continue
    left.delete(zone)
    suitable.push(zone)
  }
  return suitable
}
