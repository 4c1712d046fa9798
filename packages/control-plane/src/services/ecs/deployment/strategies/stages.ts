/**
 * The life-cycle stages of a deployment with two revisions side by side, and what each still needs. Pure: from where a
 * deployment is, and what is the case, to the next move. (AWS: "Amazon ECS blue/green service deployments workflow")
 */
import type { DeploymentLifecycleHookStage } from '@aws-sdk/client-ecs'
import type { Millis } from '../../../../store/table.ts'
import { everything, type TrafficSteps } from './traffic-steps.ts'

export type Stage = DeploymentLifecycleHookStage | 'SCALE_UP' | 'BAKE_TIME' | 'CLEAN_UP'
export type Traffic = 'test' | 'production'

export interface Position {
  readonly stage: Stage
  /** Which step of the production traffic; 0 in the other stages. */
  readonly step: number
  readonly isRollingBack: boolean
  /** When the stage, or the step of it, began. */
  readonly since: Millis
  /** When its traffic was where the stage wants it. */
  readonly shiftedAt?: Millis | undefined
}

/** Where the traffic is, as far as somebody directs it: the target's share, undefined while that is not known. */
export interface Routes {
  readonly directs: Readonly<Record<Traffic, boolean>>
  readonly shares: Readonly<Record<Traffic, number | undefined>>
  /** The shift that was asked for last could not be done. */
  readonly failure?: string | undefined
}

/** Of the hooks of this stage: none is left to wait for; they are to be started; or they run, until this time at most. */
export type HooksState =
  | { readonly kind: 'over' }
  | { readonly kind: 'due' }
  | { readonly kind: 'running'; readonly until: Millis }
  | { readonly kind: 'failed'; readonly reason: string }

export interface Facts {
  readonly now: Millis
  /** When the whole deployment began. */
  readonly startedAt: Millis
  readonly hasSource: boolean
  readonly steps: TrafficSteps
  readonly bakeMs: Millis
  readonly routes: Routes
  readonly hooks: HooksState
  /** What the stage waits for has as many healthy tasks as it should have: the target, or the source of a rollback. */
  readonly isUp: boolean
  /** What the stage removes has no tasks any more. */
  readonly isRemoved: boolean
}

export type Move =
  | { readonly kind: 'enter'; readonly stage: Stage; readonly step: number }
  | { readonly kind: 'shift'; readonly traffic: Traffic; readonly share: number }
  | { readonly kind: 'start-hooks' }
  | { readonly kind: 'wait'; readonly until?: Millis }
  | { readonly kind: 'roll-back'; readonly reason: string }
  | { readonly kind: 'rollback-failed'; readonly reason: string }
  | { readonly kind: 'end' }

const dayMs = 24 * 3_600_000
/** (AWS: same page, "The overall deployment timeout is 30 days") */
const longestMs = 30 * dayMs

const forwards: readonly Stage[] = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
]
const backwards: readonly Stage[] = ['SCALE_UP', 'PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT', 'CLEAN_UP']

/** RECONCILE_SERVICE only where there are more revisions than the source and the target. */
export const firstStage = (hasOthers: boolean): Stage => (hasOthers ? 'RECONCILE_SERVICE' : 'PRE_SCALE_UP')

const hasReached = (stage: Stage, other: Stage): boolean => forwards.indexOf(stage) >= forwards.indexOf(other)

/** Traffic goes back where it had been touched; the source is started again where it was being removed. */
export const firstStageBack = (stage: Stage): Stage => {
  if (stage === 'CLEAN_UP') return 'SCALE_UP'
  if (stage === 'RECONCILE_SERVICE') return 'PRODUCTION_TRAFFIC_SHIFT'
  if (hasReached(stage, 'PRODUCTION_TRAFFIC_SHIFT')) return 'PRODUCTION_TRAFFIC_SHIFT'
  return hasReached(stage, 'TEST_TRAFFIC_SHIFT') ? 'TEST_TRAFFIC_SHIFT' : 'CLEAN_UP'
}

/** Until the source is being removed, alarms and failing tasks send a deployment back. */
export const isWatched = ({ stage, isRollingBack }: Position): boolean =>
  !isRollingBack && stage !== 'CLEAN_UP'

export const nextMove = (at: Position, facts: Facts): Move => {
  const { now, routes, hooks } = facts
  if (routes.failure !== undefined)
    return at.isRollingBack
      ? { kind: 'rollback-failed', reason: routes.failure }
      : { kind: 'roll-back', reason: `of invalid networking configuration. ${routes.failure}` }
  if (!at.isRollingBack && hooks.kind === 'failed') return { kind: 'roll-back', reason: hooks.reason }
  const shift = shiftOf(at, facts)
  if (shift) return waitingOr(shift, at, facts)
  if (hooks.kind === 'due') return { kind: 'start-hooks' }
  const until = waitsUntil(at, facts)
  if (until === 'over') return successor(at, facts)
  if (until !== undefined && (until.isLimit ? now >= until.at : false))
    return { kind: 'roll-back', reason: `${at.stage} has lasted longer than it may.` }
  return until === undefined ? { kind: 'wait' } : { kind: 'wait', until: until.at }
}

interface Limit {
  readonly at: Millis
  /** The deployment is given up then; else it only looks again. */
  readonly isLimit: boolean
}

/** 'over' when the stage needs nothing any more. */
const waitsUntil = (at: Position, facts: Facts): Limit | undefined | 'over' => {
  const { hooks, now } = facts
  if (hooks.kind === 'running') return limited(at, facts, { at: hooks.until, isLimit: false })
  if (at.stage === 'SCALE_UP' && !facts.isUp) return stageLimit(at, facts)
  if (at.stage === 'RECONCILE_SERVICE' && !facts.isRemoved) return stageLimit(at, facts)
  if (at.stage === 'CLEAN_UP') return facts.isRemoved ? 'over' : undefined
  const bakedAt = bakedWhen(at, facts)
  return bakedAt !== undefined && now < bakedAt ? { at: bakedAt, isLimit: false } : 'over'
}

const bakedWhen = (at: Position, { steps, bakeMs }: Facts): Millis | undefined => {
  if (at.isRollingBack) return undefined
  if (at.stage === 'BAKE_TIME') return at.since + bakeMs
  const isBetween = at.stage === 'PRODUCTION_TRAFFIC_SHIFT' && at.step < steps.shares.length - 1
  return isBetween ? (at.shiftedAt ?? at.since) + steps.bakeMs : undefined
}

/** A stage may last a day, the deployment thirty. Going back has no limit: there is nothing else to do. */
const stageLimit = (at: Position, { startedAt }: Facts): Limit | undefined =>
  at.isRollingBack ? undefined : { at: Math.min(at.since + dayMs, startedAt + longestMs), isLimit: true }

const limited = (at: Position, { startedAt }: Facts, limit: Limit): Limit =>
  !at.isRollingBack && startedAt + longestMs <= limit.at
    ? { at: startedAt + longestMs, isLimit: true }
    : limit

/** Undefined: the traffic is where the stage wants it, or nobody directs it. */
const shiftOf = (at: Position, { steps, routes }: Facts): Extract<Move, { kind: 'shift' }> | undefined => {
  const wanted = wantedShares(at, steps)
  for (const traffic of ['production', 'test'] as const) {
    const share = wanted[traffic]
    if (share !== undefined && routes.directs[traffic] && routes.shares[traffic] !== share)
      return { kind: 'shift', traffic, share }
  }
  return undefined
}

const wantedShares = (at: Position, { shares }: TrafficSteps): Partial<Record<Traffic, number>> => {
  if (at.stage === 'RECONCILE_SERVICE') return { production: 0, test: 0 }
  if (at.stage === 'PRODUCTION_TRAFFIC_SHIFT')
    return { production: at.isRollingBack ? 0 : (shares[at.step] ?? everything) }
  if (at.stage === 'TEST_TRAFFIC_SHIFT') return { test: at.isRollingBack ? 0 : everything }
  return {}
}

/** The shift is asked for, as long as the stage may last. */
const waitingOr = (shift: Move, at: Position, facts: Facts): Move => {
  const limit = stageLimit(at, facts)
  return limit && facts.now >= limit.at
    ? { kind: 'roll-back', reason: `${at.stage} has lasted longer than it may.` }
    : shift
}

const successor = (at: Position, { steps, hasSource }: Facts): Move => {
  if (at.stage === 'CLEAN_UP') return { kind: 'end' }
  if (at.isRollingBack) return enter(backwards[backwards.indexOf(at.stage) + 1] ?? 'CLEAN_UP')
  if (at.stage === 'PRODUCTION_TRAFFIC_SHIFT' && at.step < steps.shares.length - 1)
    return enter('PRE_PRODUCTION_TRAFFIC_SHIFT', at.step + 1)
  if (at.stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT') return enter('PRODUCTION_TRAFFIC_SHIFT', at.step)
  const next = forwards[forwards.indexOf(at.stage) + 1] ?? 'CLEAN_UP'
  // Nothing runs beside the first revision of a service.
  return enter(next === 'BAKE_TIME' && !hasSource ? 'CLEAN_UP' : next)
}

const enter = (stage: Stage, step = 0): Move => ({ kind: 'enter', stage, step })
