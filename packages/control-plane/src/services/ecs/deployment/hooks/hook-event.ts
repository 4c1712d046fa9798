/** What a hook's function is sent. (AWS: "Lambda hooks for Amazon ECS service deployments", "Lifecycle payloads") */
import type { HookRun } from './hook-run.ts'

export interface HookEvent {
  readonly executionId: string
  readonly lifecycleStage: string
  /** The service deployment. */
  readonly resourceArn: string
  readonly executionDetails: {
    readonly serviceArn: string
    readonly targetServiceRevisionArn: string
    readonly testTrafficWeights: Readonly<Record<string, number>>
    readonly productionTrafficWeights: Readonly<Record<string, number>>
  }
  readonly hookDetails?: Readonly<Record<string, unknown>>
}

/** What of the deployment the event tells. */
export interface EventSubject {
  readonly serviceArn: string
  readonly serviceDeploymentArn: string
  readonly targetRevisionArn: string
  readonly sourceRevisionArn?: string | undefined
  /** The target's, in tenths of a per cent; undefined where nobody directs that traffic. */
  readonly shares: { readonly test?: number | undefined; readonly production?: number | undefined }
}

/** Weights are told where traffic of that kind is on its way. */
const tells: Readonly<Record<'test' | 'production', readonly string[]>> = {
  test: ['TEST_TRAFFIC_SHIFT'],
  production: ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'],
}

export const hookEvent = (run: HookRun, subject: EventSubject): HookEvent => ({
  executionId: run.executionId,
  lifecycleStage: run.stage,
  resourceArn: subject.serviceDeploymentArn,
  executionDetails: {
    serviceArn: subject.serviceArn,
    targetServiceRevisionArn: subject.targetRevisionArn,
    testTrafficWeights: weightsOf(run, subject, 'test'),
    productionTrafficWeights: weightsOf(run, subject, 'production'),
  },
  ...(run.details ? { hookDetails: run.details } : {}),
})

const weightsOf = (
  { stage }: HookRun,
  { shares, targetRevisionArn, sourceRevisionArn }: EventSubject,
  traffic: 'test' | 'production',
): Readonly<Record<string, number>> => {
  const share = shares[traffic]
  return share === undefined || !tells[traffic].includes(stage)
    ? {}
    : weights(share, targetRevisionArn, sourceRevisionArn)
}

/** By revision, in per cent. */
export const weights = (
  share: number,
  targetRevisionArn: string,
  sourceRevisionArn: string | undefined,
): Readonly<Record<string, number>> => ({
  [targetRevisionArn]: share / 10,
  ...(sourceRevisionArn === undefined ? {} : { [sourceRevisionArn]: (1000 - share) / 10 }),
})
