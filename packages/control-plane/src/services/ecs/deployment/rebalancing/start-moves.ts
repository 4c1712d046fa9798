import { type Choice, place } from '../../placement/place.ts'
import { zonesThatSuit } from '../../placement/zones.ts'
import {
  type ClusterRow,
  clusters,
  type DeploymentRow,
  type TaskDefinitionRow,
  taskDefinitions,
  tasks,
} from '../../tables/index.ts'
import { isProtected } from '../../task-protection.ts'
import { launchableNow } from '../image-resolution.ts'
import { launchRequestOf, startTask, taskOf } from '../launch-tasks.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { limitsOfService } from '../service-percents.ts'
import { conclude, giveUp, tryAgainMs } from './outcome.ts'
import { notBalanced, startedInZone, unableToPlaceInZone, unableToScaleIn } from './rebalancing-events.ts'
import { mostOf, movesToBalance, type ZoneCounts, ZoneMoves, zonesBelow } from './zone-counts.ts'

/** Tasks started in one plan; the others move when these have. */
const startedAtOnce = 25

interface Kind {
  readonly taskDefinition: TaskDefinitionRow
  readonly cluster: ClusterRow
}

/** `counts` has all zones of the cluster, and is uneven. True when tasks were started. */
export const startMoves = (draft: ServiceDraft, primary: DeploymentRow, counts: ZoneCounts): boolean => {
  const taskDefinition = draft.view.get(taskDefinitions, primary.taskDefinitionArn)
  const cluster = draft.view.get(clusters, draft.service.clusterArn)
  if (taskDefinition === undefined || cluster === undefined) return false
  const request = launchRequestOf(draft, primary, taskDefinition)
  const suitable = zonesThatSuit(draft.view, request, zonesBelow(counts, mostOf(counts)))
  const emptiest = suitable.reduce<string | undefined>(
    (least, zone) => (least === undefined || isEmptier(counts, zone, least) ? zone : least),
    undefined,
  )
  const ofService = new Map([...counts].filter(([zone, count]) => count > 0 || suitable.includes(zone)))
  if (emptiest === undefined) {
    conclude(draft, ofService)
    draft.wake(draft.now + tryAgainMs)
    return false
  }
  const { sources, protectedTasks, protectedUntil } = sourcesOf(draft, primary, ofService.get(emptiest) ?? 0)
  if (sources.size === 0) {
    giveUp(draft, ofService, unableToScaleIn(primary.id, protectedTasks), protectedUntil)
    return false
  }
  const wanted = Math.min(movesToBalance(ofService), roomOf(draft), startedAtOnce)
  const launchable = wanted > 0 ? launchableNow(draft, primary, taskDefinition, wanted) : 0
  const moves = new ZoneMoves(ofService, sources)
  const choices = improving(place(draft.view, request, launchable).choices, moves)
  if (choices.length > 0) start(draft, primary, { taskDefinition, cluster }, { choices, ofService })
  else if (launchable > 0) giveUp(draft, ofService, unableToPlaceInZone(emptiest), draft.now + tryAgainMs)
  else draft.wake(draft.now + tryAgainMs)
  return choices.length > 0
}

const isEmptier = (counts: ZoneCounts, zone: string, than: string): boolean => {
  const fewer = (counts.get(zone) ?? 0) - (counts.get(than) ?? 0)
  return fewer < 0 || (fewer === 0 && zone < than)
}

/** The zones with two tasks more than the emptiest, or still more, of which one may be stopped. */
const sourcesOf = ({ view, now }: ServiceDraft, primary: DeploymentRow, fewest: number) => {
  const counts = view.total(tasks, 'zonesByDeployment', primary.id)
  const sources = new Set<string>()
  let protectedTasks = 0
  let protectedUntil = Number.POSITIVE_INFINITY
  for (const task of view.where(tasks, 'byDeployment', primary.id)) {
    const zone = task.availabilityZone ?? ''
    if (task.desiredStatus === 'STOPPED' || (counts?.get(zone) ?? 0) - fewest < 2) continue
    if (!isProtected(task, now)) sources.add(zone)
    else {
      protectedTasks += 1
      protectedUntil = Math.min(protectedUntil, task.protectedUntil ?? now)
    }
  }
  return { sources, protectedTasks, protectedUntil }
}

/** How many tasks more than now there may be. */
const roomOf = ({ service, view }: ServiceDraft): number => {
  const { maximum } = limitsOfService(service)
  const counts = view.total(tasks, 'countsByService', service.id)
  return counts === undefined ? 0 : maximum - counts.pending - counts.running - counts.stopping
}

const zoneOf = ({ instance }: Choice): string =>
  instance.attributes.findLast(({ name }) => name === 'ecs.availability-zone')?.value ?? ''

/** Placement spreads over the zones: as soon as one place is no improvement, none is. */
const improving = (choices: readonly Choice[], moves: ZoneMoves): readonly Choice[] => {
  const end = choices.findIndex(choice => !moves.take(zoneOf(choice)))
  return end < 0 ? choices : choices.slice(0, end)
}

const start = (
  draft: ServiceDraft,
  primary: DeploymentRow,
  { taskDefinition, cluster }: Kind,
  { choices, ofService }: { readonly choices: readonly Choice[]; readonly ofService: ZoneCounts },
): void => {
  const { service } = draft
  const specified = taskOf(draft, primary, taskDefinition, cluster)
  if (service.rebalancing?.desiredCount === undefined) draft.say(notBalanced(ofService))
  draft.change({ rebalancing: { desiredCount: service.desiredCount } })
  for (const [zone, inZone] of Map.groupBy(choices, zoneOf)) {
    const arns = inZone.map(choice => startTask(draft, specified, choice))
    draft.say(startedInZone(arns, zone))
  }
}
