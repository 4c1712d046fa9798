/**
 * The life-cycle hooks of a rolling update: before its first task starts, and when its tasks are up and the old ones gone.
 * It has no other stages that take hooks, because it moves no traffic.
 */
import { hooksAt, stateOfRuns } from '../hooks/hook-run.ts'
import { lifecycleHooksOf } from '../hooks/pre-deployment-task.ts'
import type { ServiceDraft } from '../service-draft.ts'
import type { HealthSettings } from '../task-condition.ts'
import { planCohorts } from './cohort-tasks.ts'
import { entered, placeOf } from './progress.ts'
import { begun, giveUp, heard, keep, type StrategySettings, underWay, withHooks } from './stage-state.ts'
import type { Stage } from './stages.ts'

const stages: readonly Stage[] = ['PRE_SCALE_UP', 'SCALE_UP', 'POST_SCALE_UP']

/** True when the hooks of the stage are over; a roll-back has none. One that fails sends the deployment back. */
export const hasPassed = (
  draft: ServiceDraft,
  stage: 'PRE_SCALE_UP' | 'POST_SCALE_UP',
  settings: StrategySettings,
): boolean => {
  const row = underWay(draft)
  const hooks = row ? lifecycleHooksOf(row) : []
  if (row === undefined || row.rollback !== undefined || hooks.length === 0) return true
  const before = row.progress ?? { ...begun(draft, row), stage: 'PRE_SCALE_UP' as const }
  if (stages.indexOf(before.stage) > stages.indexOf(stage)) return true
  const there = before.stage === stage ? before : entered(before, { stage, step: 0 }, draft.now)
  const isDue = there.hooksOf !== placeOf(there) && hooksAt(hooks, stage).length > 0
  const progress = heard(draft, row, isDue ? withHooks(draft, row, there) : there, settings)
  keep(draft, progress)
  const state =
    progress.hooksOf === placeOf(progress) ? stateOfRuns(progress.hooks) : { kind: 'over' as const }
  if (state.kind === 'failed') giveUp(draft, `Service deployment rolled back because ${state.reason}`)
  if (state.kind === 'running') draft.wake(state.until)
  if (state.kind !== 'over') return false
  if (stage === 'PRE_SCALE_UP') keep(draft, entered(progress, { stage: 'SCALE_UP', step: 0 }, draft.now))
  return true
}

/** Until a rolling update may begin, what served before serves on, in full number; nothing of the update starts. */
export const holdBack = (draft: ServiceDraft, health: HealthSettings): void => {
  const { targetDeploymentId, progress } = underWay(draft) ?? {}
  planCohorts(
    draft,
    ({ id }) => {
      if (id === targetDeploymentId) return 0
      return id === progress?.sourceDeploymentId ? draft.service.desiredCount : undefined
    },
    health,
  )
}
