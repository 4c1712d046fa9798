import type { RunTaskRequest } from '@aws-sdk/client-ecs'
import type { HookEvent } from './hook-event.ts'

/** What stands behind a function's ARN on one's own machines. */
export type HookTarget =
  | {
      readonly kind: 'url'
      readonly url: string
      /** Sent with each call: an Authorization, for instance. */
      readonly headers: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'task'
      /** The cluster is the service's, unless it is said here. */
      readonly task: Pick<
        RunTaskRequest,
        | 'taskDefinition'
        | 'cluster'
        | 'launchType'
        | 'overrides'
        | 'networkConfiguration'
        | 'placementConstraints'
        | 'placementStrategy'
      >
    }

/** By the ARN that services name; the operator's. */
export type HookTargets = ReadonlyMap<string, HookTarget>

export const noHookTargets: HookTargets = new Map()

/** The kind of effect that calls a hook. */
export const hookCallKind = 'ecs.lifecycleHook'

/** What the performer of a hook's call is given. */
export interface HookCall {
  readonly serviceArn: string
  readonly serviceDeploymentArn: string
  readonly clusterArn: string
  readonly targetArn: string
  readonly event: HookEvent
  /** **Berth**: the service's own pre-deployment task, for which the operator's file names nothing. */
  readonly preDeployment?: { readonly task: RunTaskRequest; readonly startedBy: string } | undefined
}
