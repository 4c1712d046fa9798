/**
 * Moves tasks of a steady service from the zones with the most to those with the fewest: new ones are started first, and
 * when they are healthy, old ones are stopped. (AWS: "Balancing an Amazon ECS service across Availability Zones")
 */
import { connectedZones } from '../../placement/zones.ts'
import { type DeploymentRow, tasks } from '../../tables/index.ts'
import { isHeld } from '../launch-backoff.ts'
import type { ServiceDraft } from '../service-draft.ts'
import type { HealthSettings } from '../task-condition.ts'
import { finishMoves } from './finish-moves.ts'
import { conclude, interrupt } from './outcome.ts'
import { startMoves } from './start-moves.ts'
import { mostOf, withZones, type ZoneCounts, zonesBelow } from './zone-counts.ts'

const noZones: ZoneCounts = new Map()

/** True when it has decided about the service's tasks: nothing else may start or stop any in this plan. */
export const planRebalancing = (draft: ServiceDraft, health: HealthSettings): boolean => {
  const { service, primary, now } = draft
  const { rebalancing } = service
  const isMoving = rebalancing?.desiredCount !== undefined
  if (primary === undefined || !mayMove(draft, primary)) {
    if (isMoving) interrupt(draft)
    return false
  }
  const { pending, running } = draft.countsOf(primary.id)
  if (isMoving && pending + running > service.desiredCount) return finishMoves(draft, primary, health)
  // The reconciler comes back as soon as the service is steady.
  if (service.steadyAt === undefined || pending > 0 || running !== service.desiredCount) return false
  const counts = withZones(
    draft.view.total(tasks, 'zonesByDeployment', primary.id) ?? noZones,
    connectedZones(draft.view, service.clusterArn),
  )
  // The reconciler comes back when hosts have joined in another zone.
  if (zonesBelow(counts, mostOf(counts)).length === 0) {
    conclude(draft, counts)
    return false
  }
  const waitsUntil = isHeld(primary, now) ? (primary.launchAfter ?? now) : (rebalancing?.notBefore ?? now)
  if (now < waitsUntil) draft.wake(waitsUntil)
  else return startMoves(draft, primary, counts)
  return false
}

/** Only while nothing else is to be done about its tasks: no deployment, no replacement, no other desired count. */
const mayMove = ({ service, view, deployments }: ServiceDraft, primary: DeploymentRow): boolean =>
  service.availabilityZoneRebalancing === 'ENABLED' &&
  service.status === 'ACTIVE' &&
  service.desiredCount > 1 &&
  (service.rebalancing?.desiredCount ?? service.desiredCount) === service.desiredCount &&
  deployments.length === 1 &&
  primary.rolloutState === 'COMPLETED' &&
  view.count(tasks, 'toReplace', service.id) === 0
