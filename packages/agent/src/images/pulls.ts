/** Pulls that are under way: one serves everybody who wants the same image with the same key, and few run at once. */
import { registryOf } from '@berth/model'
import type { Clock } from '../clock.ts'
import {
  type Engine,
  isEngineError,
  type PullPatience,
  type PullProgress,
  type RegistryAuth,
} from '../engine/engine.ts'
import { createGate, type Gate } from '../tasks/gate.ts'

export interface PullRequest {
  readonly image: string
  readonly auth?: RegistryAuth | undefined
  readonly patience: PullPatience
}

export type ProgressListener = (progress: PullProgress) => void

export interface Pulls {
  /** Joins the pull of this image and key, or begins it. Resolves with the digest that the registry named. */
  pull(request: PullRequest, onProgress?: ProgressListener): Promise<{ readonly digest?: string }>
}

const firstDelayMs = 500
const longestDelayMs = 5_000
const triesAtMost = 5
/** A registry that refuses is reported within 5 s: without any progress, nothing is tried again later than this. */
const fruitlessAtMostMs = 3_000

/** The registry answered, and its answer will not change; or there is no registry. */
const isFinal = (error: unknown): boolean =>
  isEngineError(error, 'noSuchImage', 'unreachable', 'timedOut') ||
  (error instanceof Error &&
    /denied|unauthorized|no basic auth|not found|manifest unknown|invalid reference|no such host|no space left/i.test(
      error.message,
    ))

/** Tries again with growing delays. What was downloaded before a failure is kept, so that a pull that advances may go on. */
const pullWithRetries = async (
  engine: Engine,
  clock: Clock,
  { image, auth, patience }: PullRequest,
  listener: ProgressListener,
): Promise<{ readonly digest?: string }> => {
  let advancedAt = clock.now()
  let downloaded = 0
  const onProgress: ProgressListener = progress => {
    if (progress.downloadedBytes > downloaded) {
      downloaded = progress.downloadedBytes
      advancedAt = clock.now()
    }
    listener(progress)
  }
  for (let tries = 1; ; tries++) {
    try {
      return await engine.pull(image, { auth, patience, onProgress })
    } catch (error) {
      const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (tries - 1))
      const isFruitless = clock.now() + delayMs - advancedAt > fruitlessAtMostMs
      if (isFinal(error) || tries === triesAtMost || isFruitless) throw error
      await new Promise<void>(resolve => clock.after(delayMs, resolve))
    }
  }
}

interface RunningPull {
  readonly done: Promise<{ readonly digest?: string }>
  readonly listeners: Set<ProgressListener>
}

/** `atOnce`: of each registry, so that one that hangs holds up its own images only. */
export const createPulls = (engine: Engine, clock: Clock, atOnce: number): Pulls => {
  const running = new Map<string, RunningPull>()
  const gates = new Map<string, Gate>()

  const gateOf = (image: string): Gate => {
    const registry = registryOf(image)
    const gate = gates.get(registry) ?? createGate(atOnce)
    gates.set(registry, gate)
    return gate
  }

  const begin = (key: string, request: PullRequest): RunningPull => {
    const listeners = new Set<ProgressListener>()
    const tell: ProgressListener = progress => {
      for (const listener of listeners) listener(progress)
    }
    const done = gateOf(request.image)
      .run(() => pullWithRetries(engine, clock, request, tell))
      .finally(() => running.delete(key))
    const pull = { done, listeners }
    running.set(key, pull)
    return pull
  }

  return {
    pull: async (request, onProgress) => {
      // Who has no key, or another one, does not get what was pulled with this one.
      const key = JSON.stringify([request.image, request.auth?.username, request.auth?.password])
      const pull = running.get(key) ?? begin(key, request)
      if (onProgress) pull.listeners.add(onProgress)
      try {
        return await pull.done
      } finally {
        if (onProgress) pull.listeners.delete(onProgress)
      }
    },
  }
}
