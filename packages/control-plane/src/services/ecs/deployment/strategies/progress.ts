import type { Millis } from '../../../../store/table.ts'
import type { HookRun } from '../hooks/hook-run.ts'
import type { Position, Traffic } from './stages.ts'

/** How far a deployment with life-cycle stages is: a part of its service deployment's row. */
export interface StrategyProgress extends Position {
  /** The deployment that serves meanwhile, and that a roll-back returns to; absent for the first one of a service. */
  readonly sourceDeploymentId?: string | undefined
  /** The target's part of the traffic, in tenths of a per cent, as it was done; absent while that is not known. */
  readonly shares: { readonly [traffic in Traffic]?: number | undefined }
  readonly shift?: Shift | undefined
  /** Grows with every shift. */
  readonly shifts: number
  /** Those of the newest stage that had some. */
  readonly hooks: readonly HookRun[]
  /** Of which stage, step and direction they are. */
  readonly hooksOf?: string | undefined
}

/** Traffic that is to be moved, or that could not be. */
export interface Shift {
  readonly traffic: Traffic
  readonly share: number
  readonly sequence: number
  readonly failure?: string | undefined
}

/** Where a deployment is, by name. */
export const placeOf = ({ stage, step, isRollingBack }: Position): string =>
  `${isRollingBack ? 'back' : 'forward'}/${stage}/${step}`

export const entered = (
  progress: StrategyProgress,
  { stage, step }: Pick<Position, 'stage' | 'step'>,
  now: Millis,
): StrategyProgress => ({ ...progress, stage, step, since: now, shiftedAt: undefined })
