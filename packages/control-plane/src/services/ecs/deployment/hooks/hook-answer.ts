/** What a hook's function answers. (AWS: "Lambda hooks for Amazon ECS service deployments", "hookStatus values") */
import type { Millis } from '../../../../store/table.ts'

export interface HookAnswer {
  readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS'
  readonly callBackDelayMs: Millis
  readonly hookDetails?: Readonly<Record<string, unknown>>
  /** Why it failed, for people. */
  readonly reason: string
}

const defaultDelaySeconds = 30
/** So that a hook that asks for none does not keep everybody busy. */
const shortestDelaySeconds = 1
const longestReason = 500

export const readHookAnswer = (value: unknown): HookAnswer | { readonly problem: string } => {
  if (!isObject(value)) return { problem: 'HookStatus must not be null' }
  const { hookStatus, callBackDelay, hookDetails, reason } = value
  if (hookStatus === undefined || hookStatus === null) return { problem: 'HookStatus must not be null' }
  if (hookStatus !== 'SUCCEEDED' && hookStatus !== 'FAILED' && hookStatus !== 'IN_PROGRESS')
    return { problem: 'HookStatus must be one of SUCCEEDED, FAILED, IN_PROGRESS' }
  const seconds = callBackDelay ?? defaultDelaySeconds
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0)
    return { problem: 'callBackDelay must be a number of seconds' }
  if (hookDetails !== undefined && hookDetails !== null && !isObject(hookDetails))
    return { problem: 'hookDetails must be an object' }
  return {
    hookStatus,
    callBackDelayMs: Math.max(seconds, shortestDelaySeconds) * 1000,
    reason: typeof reason === 'string' ? reason.slice(0, longestReason) : '',
    ...(isObject(hookDetails) ? { hookDetails } : {}),
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
