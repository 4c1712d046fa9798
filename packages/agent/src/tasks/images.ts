/** Images on this host: a cached one is used when there is one, and one pull serves everybody who waits for it. */
import type { Clock } from '../clock.ts'
import { type Engine, type ImageView, isEngineError } from '../engine/engine.ts'

/** A registry that refuses is reported within 5 s: a quick failure is tried once more, a slow one is not. */
const retryDelayMs = 500
const retryOnlyWithinMs = 2_000

export interface Images {
  /** Resolves when the engine holds the image. `onPull` is called when it has to be pulled first. */
  prepare(image: string, onPull: () => void): Promise<ImageView>
  /** What was known of one image, or of all, may no longer be true. */
  forget(image?: string): void
}

const pullOnce = async (engine: Engine, clock: Clock, image: string): Promise<void> => {
  const startedAt = clock.now()
  try {
    await engine.pull(image)
  } catch (error) {
    const mayRetry = !isEngineError(error, 'noSuchImage', 'unreachable') && !isFinal(error)
    if (!mayRetry || clock.now() - startedAt > retryOnlyWithinMs) throw error
    await new Promise<void>(resolve => clock.after(retryDelayMs, resolve))
    await engine.pull(image)
  }
}

/** The registry answered, and its answer will not change. */
const isFinal = (error: unknown): boolean =>
  error instanceof Error &&
  /denied|unauthorized|not found|manifest unknown|invalid reference|no such host/i.test(error.message)

export const createImages = (engine: Engine, clock: Clock): Images => {
  const held = new Map<string, ImageView>()
  const pulls = new Map<string, Promise<ImageView>>()

  const pull = async (image: string): Promise<ImageView> => {
    await pullOnce(engine, clock, image)
    const view = await engine.inspectImage(image)
    if (!view) throw new Error(`the image ${image} was pulled, but the engine does not hold it`)
    held.set(image, view)
    return view
  }

  const sharedPull = (image: string): Promise<ImageView> => {
    const running = pulls.get(image)
    if (running) return running
    const started = pull(image).finally(() => pulls.delete(image))
    pulls.set(image, started)
    return started
  }

  return {
    prepare: async (image, onPull) => {
      const known = held.get(image)
      if (known) return known
      const cached = pulls.has(image) ? undefined : await engine.inspectImage(image)
      if (cached) {
        held.set(image, cached)
        return cached
      }
      onPull()
      return sharedPull(image)
    },
    forget: image => {
      if (image === undefined) held.clear()
      else held.delete(image)
    },
  }
}
