/** Tasks that never reached RUNNING, as what is launched remembers them: each counts once, until one of its tasks does. */
import { type TaskRow, tasks } from '../tables/index.ts'
import type { Cohort } from './cohort.ts'
import { afterFailures, afterSuccess, shouldSayImpaired } from './launch-backoff.ts'
import type { ServiceDraft } from './service-draft.ts'
import { unableToStart } from './service-events.ts'

/** Failed launches counted in one plan; the others are in the next. */
const countedAtOnce = 200

/** What became of launches of each cohort since the last plan: the cohort as it is from now on, where that has changed. */
export const noteFailedLaunches = <C extends Cohort>(
  draft: ServiceDraft,
  cohorts: readonly C[],
  replace: (after: C, newlyFailed: number) => void,
): void => {
  const failed = takeFailed(draft)
  for (const cohort of cohorts) noteLaunches(draft, cohort, failed.get(cohort.id) ?? [], replace)
}

const takeFailed = (draft: ServiceDraft): ReadonlyMap<string, readonly TaskRow[]> => {
  const failed: TaskRow[] = []
  for (const task of draft.view.where(tasks, 'failedLaunches', draft.service.id)) {
    if (failed.length === countedAtOnce) {
      draft.unfinished = true
      break
    }
    failed.push(task)
    draft.putTask({ ...task, launchFailureCounted: true })
  }
  return Map.groupBy(failed, ({ deploymentId = '' }) => deploymentId)
}

const noteLaunches = <C extends Cohort>(
  draft: ServiceDraft,
  cohort: C,
  failed: readonly TaskRow[],
  replace: (after: C, newlyFailed: number) => void,
): void => {
  if (failed.length > 0) {
    const after = afterFailures(cohort, failed, draft.now)
    const impaired = shouldSayImpaired(after, draft.now)
    replace(impaired ? { ...after, impairedAt: draft.now } : after, failed.length)
    if (impaired) draft.sayOf(cohort, unableToStart)
  } else if (hasStartedSince(draft, cohort)) replace(afterSuccess(cohort, draft.now), 0)
}

const hasStartedSince = (draft: ServiceDraft, { id, lastFailureAt }: Cohort): boolean => {
  if (lastFailureAt === undefined || draft.countsOf(id).running === 0) return false
  for (const { startedAt = 0 } of draft.view.where(tasks, 'byDeployment', id))
    if (startedAt > lastFailureAt) return true
  return false
}
