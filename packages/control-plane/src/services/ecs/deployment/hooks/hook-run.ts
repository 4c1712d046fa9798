/**
 * One execution of a life-cycle hook at one stage of one deployment, from its start to its end. Pure. (AWS: "Lambda hooks
 * for Amazon ECS service deployments", "Pause hooks for Amazon ECS service deployments")
 */
import type {
  DeploymentLifecycleHook,
  DeploymentLifecycleHookStage,
  DeploymentLifecycleHookStatus,
} from '@aws-sdk/client-ecs'
import type { EffectResult } from '../../../../control-loop/effects-table.ts'
import type { Millis } from '../../../../store/table.ts'
import { uuidOf } from '../../uuid.ts'
import type { HooksState } from '../strategies/stages.ts'
import { readHookAnswer } from './hook-answer.ts'

export interface HookRun {
  /** `ecs-pause-…`, `ecs-lambda-…`: what ContinueServiceDeployment names. */
  readonly hookId: string
  /** A UUID, for the hook itself. */
  readonly executionId: string
  readonly stage: DeploymentLifecycleHookStage
  readonly targetType: 'AWS_LAMBDA' | 'PAUSE'
  readonly targetArn?: string | undefined
  readonly status: DeploymentLifecycleHookStatus
  readonly expiresAt: Millis
  readonly timeoutAction: 'CONTINUE' | 'ROLLBACK'
  /** What the hook is given: as configured, and what it said itself when it was asked last. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  /** How often it has been called; the newest call has a result or an effect that is open. */
  readonly calls: number
  /** When it is to be called next; absent while a call is under way. */
  readonly callAfter?: Millis | undefined
  /** Why it failed. */
  readonly reason?: string | undefined
}

const minuteMs = 60_000
/** (AWS: DeploymentLifecycleHookTimeoutConfiguration) */
const defaultTimeoutMinutes = 1_440

export const isPause = ({ targetType }: Pick<DeploymentLifecycleHook, 'targetType'>): boolean =>
  targetType === 'PAUSE'

/** Those that run at a stage; the others have nothing to do with it. */
export const hooksAt = (
  hooks: readonly DeploymentLifecycleHook[] | undefined,
  stage: string,
): readonly DeploymentLifecycleHook[] =>
  (hooks ?? []).filter(({ lifecycleStages = [] }) => lifecycleStages.some(name => name === stage))

export const startedRun = (
  hook: DeploymentLifecycleHook,
  stage: DeploymentLifecycleHookStage,
  now: Millis,
  randomHex: (bytes: number) => string,
): HookRun => {
  const { timeoutInMinutes = defaultTimeoutMinutes, action = 'ROLLBACK' } = hook.timeoutConfiguration ?? {}
  const type = isPause(hook) ? 'pause' : 'lambda'
  return {
    hookId: `ecs-${type}-${Buffer.from(randomHex(32), 'hex').toString('base64url')}`,
    executionId: uuidOf(randomHex(16)),
    stage,
    targetType: isPause(hook) ? 'PAUSE' : 'AWS_LAMBDA',
    targetArn: isPause(hook) ? undefined : hook.hookTargetArn,
    status: isPause(hook) ? 'AWAITING_ACTION' : 'IN_PROGRESS',
    expiresAt: now + timeoutInMinutes * minuteMs,
    timeoutAction: action,
    details: hook.hookDetails as HookRun['details'],
    calls: 0,
    callAfter: now,
  }
}

export const isOpen = ({ status }: HookRun): boolean =>
  status === 'AWAITING_ACTION' || status === 'IN_PROGRESS'

/** What ContinueServiceDeployment says. */
export const afterAction = (run: HookRun, action: 'CONTINUE' | 'ROLLBACK'): HookRun =>
  action === 'CONTINUE'
    ? { ...run, status: 'SUCCEEDED' }
    : { ...run, status: 'FAILED', reason: 'ContinueServiceDeployment was called with the ROLLBACK action.' }

export const afterTime = (run: HookRun, now: Millis): HookRun =>
  isOpen(run) && now >= run.expiresAt ? { ...run, status: 'TIMED_OUT' } : run

/** **Berth**: what a hook keeps between its calls, as JSON; its row is written with each of them. */
const longestDetails = 16_384

/** What became of a call. */
export const afterCall = (run: HookRun, result: EffectResult, now: Millis): HookRun => {
  if (result.outcome === 'failed')
    return failed(run, `ECS was unable to invoke hook target ${run.targetArn} due to ${result.error}`)
  const answer = readHookAnswer(result.value)
  if ('problem' in answer)
    return failed(run, `ECS was unable to parse the response from ${run.targetArn} due to ${answer.problem}`)
  switch (answer.hookStatus) {
    case 'SUCCEEDED':
      return { ...run, status: 'SUCCEEDED' }
    case 'FAILED':
      return failed(
        run,
        [`Lifecycle hook target ${run.targetArn} returned FAILED status.`, answer.reason].join(' ').trim(),
      )
    case 'IN_PROGRESS': {
      const details = answer.hookDetails ? { ...run.details, ...answer.hookDetails } : run.details
      return answer.hookDetails && JSON.stringify(details).length > longestDetails
        ? failed(run, `The hookDetails of ${run.targetArn} are longer than ${longestDetails} characters.`)
        : { ...run, callAfter: now + answer.callBackDelayMs, details }
    }
  }
}

const failed = (run: HookRun, reason: string): HookRun => ({ ...run, status: 'FAILED', reason })

/** What the runs of one stage mean to it: all must be over, and one that failed fails the deployment. */
export const stateOfRuns = (runs: readonly HookRun[]): HooksState => {
  const culprit = runs.find(isFailure)
  if (culprit) return { kind: 'failed', reason: reasonOf(culprit) }
  const open = runs.filter(isOpen)
  return open.length === 0 ? { kind: 'over' } : { kind: 'running', until: Math.min(...open.map(nextLookAt)) }
}

const isFailure = ({ status, timeoutAction }: HookRun): boolean =>
  status === 'FAILED' || (status === 'TIMED_OUT' && timeoutAction === 'ROLLBACK')

/** A pause, or a call that is under way, is over when somebody says so. */
const nextLookAt = ({ targetType, expiresAt, callAfter = expiresAt }: HookRun): Millis =>
  targetType === 'PAUSE' ? expiresAt : Math.min(expiresAt, callAfter)

/** (AWS: "Troubleshooting Amazon ECS blue/green deployments") */
const reasonOf = ({ stage, status, targetType, targetArn, reason = '' }: HookRun): string => {
  if (status === 'FAILED') return `${stage} lifecycle hook(s) failed. ${reason}`
  return targetType === 'PAUSE'
    ? `${stage} pause hook timed out.`
    : `${stage} lifecycle hook(s) failed. Lifecycle hook target ${targetArn} timed out.`
}
