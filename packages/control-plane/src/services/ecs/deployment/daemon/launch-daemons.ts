import type { DaemonPlaces } from '../../placement/daemon-places.ts'
import { causeOfRefusal, unableToPlace } from '../../placement/explanation.ts'
import { clusters, type DeploymentRow, type PlacementFailure, taskDefinitions } from '../../tables/index.ts'
import { launchableNow } from '../image-resolution.ts'
import { isHeld } from '../launch-backoff.ts'
import { isWaitingForRoom, launchedAtOnce, placementFailureOf, startTasks } from '../launch-tasks.ts'
import type { ServiceDraft } from '../service-draft.ts'

/** Starts a task of the primary deployment on each instance that is to have one, has none, and has room for it. */
export const launchDaemons = (draft: ServiceDraft, primary: DeploymentRow, places: DaemonPlaces): void => {
  const { placementFailure: before } = draft.service
  const isStopped = draft.service.status !== 'ACTIVE' || primary.rolloutState === 'FAILED'
  const count = isStopped || isHeld(primary, draft.now) ? 0 : places.vacancies
  const placementFailure = count === 0 ? undefined : placeDaemons(draft, primary, places, before)
  if (placementFailure !== before) draft.change({ placementFailure })
}

/** The failure that stands afterwards: a new one, or none; `before` where nothing has changed, or more is to come. */
const placeDaemons = (
  draft: ServiceDraft,
  primary: DeploymentRow,
  places: DaemonPlaces,
  before: PlacementFailure | undefined,
): PlacementFailure | undefined => {
  const taskDefinition = draft.view.get(taskDefinitions, primary.taskDefinitionArn)
  const cluster = draft.view.get(clusters, draft.service.clusterArn)
  if (taskDefinition === undefined || cluster === undefined) return before
  const launchable = launchableNow(draft, primary, taskDefinition, places.vacancies)
  if (launchable === 0) return before
  const wanted = Math.min(launchable, launchedAtOnce)
  const choices = places.choose(draft.view, wanted)
  startTasks(draft, primary, { taskDefinition, cluster }, choices)
  if (choices.length === wanted) {
    if (wanted < launchable) draft.unfinished = true
    return wanted < launchable ? before : undefined
  }
  const placement = { choices, refusals: places.refusals, instances: places.wanted }
  const cause = causeOfRefusal(placement)
  if (before?.cause === cause && isWaitingForRoom(draft, before)) return before
  return placementFailureOf(draft, before, unableToPlace(placement), cause)
}
