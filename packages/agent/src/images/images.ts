/** Images on this host: whether a registry is asked, what becomes of a refusal, and what is remembered of a pull. */
import type { Clock } from '../clock.ts'
import {
  type Engine,
  EngineError,
  type ImageView,
  isEngineError,
  type RegistryAuth,
} from '../engine/engine.ts'
import type { Log } from '../log.ts'
import { asksForCached, fallsBackOnCached, type PullBehavior } from './pull-behavior.ts'
import type { PulledImageStore } from './pulled-images.ts'
import { createPulledImages, type PulledImages } from './pulled-images.ts'
import { createPulls, type ProgressListener, type Pulls } from './pulls.ts'
import { authFor, type RegistryAuths } from './registry-auth.ts'

export interface ImageSettings {
  readonly pullBehavior: PullBehavior
  /** Pulls at once from one registry. */
  readonly pullsAtOnce: number
  /** How long a registry may be silent. */
  readonly pullInactivityMs: number
  /** The host's own keys. */
  readonly registryAuths: RegistryAuths
}

export interface WantedImage {
  readonly image: string
  /** The task's own key of the registry, in place of the host's. Asked for only before a pull. */
  auth?(): Promise<RegistryAuth | undefined>
  /** The image is not here: it takes longer. */
  onPull?(): void
  onProgress?: ProgressListener
}

export interface Images {
  /** Resolves when the engine holds the image. */
  prepare(wanted: WantedImage): Promise<ImageView>
  /** What was known of one image, or of all, may no longer be true. */
  forget(image?: string): void
  /** For the clean-up. */
  readonly pulled: PulledImages
}

export interface ImagesParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly store: PulledImageStore
  readonly log: Log
}

/** The registry's first word of an image that is here already: its tag may have moved, but nobody waits long for that. */
const cachedPatienceMs = 10_000

class HostImages implements Images {
  readonly pulled: PulledImages
  readonly #parts: ImagesParts
  readonly #settings: ImageSettings
  readonly #pulls: Pulls
  readonly #held = new Map<string, ImageView>()

  constructor(parts: ImagesParts, settings: ImageSettings) {
    this.#parts = parts
    this.#settings = settings
    this.#pulls = createPulls(parts.engine, parts.clock, settings.pullsAtOnce)
    this.pulled = createPulledImages(parts.store, parts.clock)
  }

  async prepare(wanted: WantedImage): Promise<ImageView> {
    const { image } = wanted
    const { pullBehavior: behavior } = this.#settings
    const cached = await this.#look(image)
    const wasPulled = this.pulled.has(image)
    if (cached && !asksForCached(behavior, { image, cached, wasPulled })) {
      this.pulled.use(image, cached.id)
      return cached
    }
    if (!cached) wanted.onPull?.()
    const auth = (await wanted.auth?.()) ?? authFor(this.#settings.registryAuths, image)
    try {
      return await this.#pull(wanted, auth, cached)
    } catch (error) {
      if (!cached || !fallsBackOnCached(behavior) || isEngineError(error, 'unreachable')) throw error
      this.#parts.log.warn(
        { image, error: String(error) },
        'cannot pull an image; the one that is here is used',
      )
      this.pulled.use(image, cached.id)
      return cached
    }
  }

  forget(image?: string): void {
    if (image === undefined) this.#held.clear()
    else this.#held.delete(image)
  }

  async #look(image: string): Promise<ImageView | undefined> {
    const known = this.#held.get(image) ?? (await this.#parts.engine.inspectImage(image))
    if (known) this.#held.set(image, known)
    return known
  }

  async #pull(
    { image, onProgress }: WantedImage,
    auth: RegistryAuth | undefined,
    cached: ImageView | undefined,
  ): Promise<ImageView> {
    const { pullInactivityMs: inactivityMs } = this.#settings
    const beginMs = cached ? Math.min(cachedPatienceMs, inactivityMs) : inactivityMs
    const { digest } = await this.#pulls.pull(
      { image, auth, patience: { beginMs, inactivityMs } },
      onProgress,
    )
    this.forget(image)
    const view = await this.#look(image)
    if (!view) throw new EngineError('failed', `the image was pulled, but the engine does not hold it`)
    this.pulled.note(image, view.id, cached?.id)
    // An image may have several digests in one repository: the registry has just named the right one.
    const exact = digest === undefined ? view : { ...view, digest }
    this.#held.set(image, exact)
    return exact
  }
}

export const createImages = (parts: ImagesParts, settings: ImageSettings): Images =>
  new HostImages(parts, settings)
