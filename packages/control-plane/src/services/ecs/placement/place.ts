/** The scheduler: which container instances get new tasks. Pure: what it keeps between two placements follows the view. */
import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import type { View } from '../../../store/view.ts'
import type { ContainerInstanceRow, TaskLaunchType } from '../tables/index.ts'
import { type Candidate, candidateOf, groupCounts, takeTask } from './candidate.ts'
import { filtersOf, type Refusal, refusalOf } from './filters.ts'
import { daemonsOf, reserveRoom } from './reserved-room.ts'
import { standingOf } from './standing.ts'
import type { TaskRequirements } from './task-requirements.ts'

export interface PlacementRequest {
  readonly clusterArn: string
  /** Undefined: StartTask, which takes the instance as it is. */
  readonly launchType: TaskLaunchType | undefined
  readonly requirements: TaskRequirements
  /** Of the request or service; those of the task definition are in the requirements. */
  readonly constraints: readonly PlacementConstraint[]
  /** Empty: spread over the availability zones, then over the instances. */
  readonly strategy: readonly PlacementStrategy[]
  /** What spread and distinctInstance count by: `family:NAME`, `service:NAME` or what RunTask said. */
  readonly group: string
  /** What the strategy `random` is drawn from. */
  readonly seed: string
  /** Those that the task's interface can be in; absent: all. */
  readonly zones?: readonly string[] | undefined
  /** The one instance that has what the task needs. */
  readonly host?: RequiredHost | undefined
}

export interface RequiredHost {
  readonly containerInstanceArn: string
  /** What every other instance is refused for, in a sentence. */
  readonly because: string
}

/** One task's place. */
export interface Choice {
  readonly instance: ContainerInstanceRow
  readonly gpuIds: readonly string[]
}

export interface Placement {
  /** One for each task that found a place: as many as asked for, or fewer. */
  readonly choices: readonly Choice[]
  /** When there are fewer: why each instance takes no further task. */
  readonly refusals: readonly Refusal[]
  /** How many ACTIVE instances the cluster has. */
  readonly instances: number
}

/** Places up to `count` tasks of one request; each sees what those before it took. */
export const place = (view: View, request: PlacementRequest, count: number): Placement => {
  const standing = standingOf(view, request)
  const choices: Choice[] = []
  while (choices.length < count) {
    const { best } = standing
    if (!best) break
    choices.push({ instance: best.instance, gpuIds: standing.giveTo(view, best) })
  }
  const refusals = choices.length < count ? standing.refusals() : []
  return { choices, refusals, instances: standing.size }
}

/** StartTask: one task on each of these instances, wherever they rank. */
export const placeOn = (
  view: View,
  request: PlacementRequest,
  instances: readonly ContainerInstanceRow[],
): Placement => {
  const filters = filtersOf(request)
  const refusals: Refusal[] = []
  const choices: Choice[] = []
  const candidates = new Map<string, Candidate>()
  const ofGroup = groupCounts(view, request.clusterArn, request.group)
  const daemons = daemonsOf(view, request.clusterArn)
  for (const instance of instances) {
    let candidate = candidates.get(instance.id)
    if (!candidate) {
      candidate = candidateOf(view, instance, ofGroup)
      reserveRoom(candidate, daemons)
      candidates.set(instance.id, candidate)
    }
    const reason = filters.ofInstance(view, candidate) ?? filters.ofRoom(view, candidate)
    if (reason) refusals.push(refusalOf(candidate, reason, request))
    else choices.push({ instance, gpuIds: takeTask(candidate, request.requirements) })
  }
  return { choices, refusals, instances: instances.length }
}
