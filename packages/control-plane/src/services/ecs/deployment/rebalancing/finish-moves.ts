import { type DeploymentRow, tasks } from '../../tables/index.ts'
import { isProtected } from '../../task-protection.ts'
import { requestStop } from '../../task-stop.ts'
import { Balance } from '../balance.ts'
import type { ServiceTask } from '../rolling-update.ts'
import { scaleInOrderOf } from '../scale-in-order.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { conditionOf, type HealthSettings, serviceTaskOf } from '../task-condition.ts'
import { giveUp } from './outcome.ts'
import { rebalancingActivity, stoppedInZone, unableToScaleIn } from './rebalancing-events.ts'
import { mostOf } from './zone-counts.ts'

/** Tasks stopped in one plan; the others follow in the next. */
const stoppedAtOnce = 25

/** More tasks run than are desired: as many go from the fullest zones as new ones are healthy. False when none can. */
export const finishMoves = (draft: ServiceDraft, primary: DeploymentRow, health: HealthSettings): boolean => {
  const { service } = draft
  const active: ServiceTask[] = []
  for (const task of draft.view.where(tasks, 'byDeployment', primary.id)) {
    if (task.desiredStatus === 'STOPPED') continue
    const { condition, until } = conditionOf(task, health, draft.now)
    if (until !== undefined) draft.wake(until)
    active.push(serviceTaskOf(task, condition, isProtected(task, draft.now)))
  }
  const healthy = active.filter(({ condition }) => condition === 'healthy')
  const toStop = healthy.length - service.desiredCount
  if (toStop <= 0) return true
  const { picked, counts } = pickFrom(draft, active, healthy, Math.min(toStop, stoppedAtOnce))
  if (picked.length > 0) {
    stop(draft, primary, picked)
    return true
  }
  const shielded = healthy.filter(({ isProtected: is, zone }) => is && counts.get(zone) === mostOf(counts))
  giveUp(draft, counts, unableToScaleIn(primary.id, shielded.length), protectedUntil(draft, shielded))
  return false
}

const pickFrom = (
  draft: ServiceDraft,
  active: readonly ServiceTask[],
  healthy: readonly ServiceTask[],
  atMost: number,
) => {
  const counts = new Map<string, number>()
  for (const { zone } of active) counts.set(zone, (counts.get(zone) ?? 0) + 1)
  const byZone = Map.groupBy(
    healthy.filter(task => !task.isProtected),
    ({ zone }) => zone,
  )
  const shares = sharesOf(new Map(counts), byZone, atMost)
  const balance = new Balance(active, scaleInOrderOf(draft.view, draft.service))
  const picked = [...shares].flatMap(([zone, share]) => balance.pick(byZone.get(zone) ?? [], share))
  return { picked, counts }
}

/** How many each zone gives: always the fullest, until one of those has none that may be stopped. */
const sharesOf = (
  counts: Map<string, number>,
  byZone: ReadonlyMap<string, readonly ServiceTask[]>,
  atMost: number,
): ReadonlyMap<string, number> => {
  const shares = new Map<string, number>()
  for (let given = 0; given < atMost; given += 1) {
    const most = mostOf(counts)
    const zone = [...byZone.keys()].find(
      name => counts.get(name) === most && (byZone.get(name)?.length ?? 0) > (shares.get(name) ?? 0),
    )
    if (zone === undefined) break
    counts.set(zone, most - 1)
    shares.set(zone, (shares.get(zone) ?? 0) + 1)
  }
  return shares
}

const protectedUntil = ({ view, now }: ServiceDraft, shielded: readonly ServiceTask[]): number =>
  Math.min(...shielded.map(({ id }) => view.get(tasks, id)?.protectedUntil ?? now))

const stop = (draft: ServiceDraft, primary: DeploymentRow, picked: readonly ServiceTask[]): void => {
  const cause = rebalancingActivity(primary.id)
  for (const [zone, inZone] of Map.groupBy(picked, task => task.zone)) {
    const rows = inZone.map(task => draft.view.get(tasks, task.id)).filter(row => row !== undefined)
    for (const row of rows) draft.putTask(requestStop(row, cause, draft.now))
    draft.say(
      stoppedInZone(
        rows.map(({ id }) => id),
        zone,
      ),
    )
  }
}
