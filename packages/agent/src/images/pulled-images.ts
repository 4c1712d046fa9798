/** What the agent remembers of its pulls: nothing else is ever removed from a host. */
import type { Clock } from '../clock.ts'

export interface PulledImage {
  /** The reference that was pulled. */
  readonly image: string
  /** What it stood for then. */
  readonly imageId: string
  /** The pull brought it; false for one that was here before. */
  readonly isOurs: boolean
  /** Milliseconds since the epoch, on this host. */
  readonly pulledAt: number
  /** When a task last began with it. */
  readonly usedAt: number
}

/** On the agent's disk, by reference and image. */
export interface PulledImageStore {
  pulledImages(): readonly PulledImage[]
  savePulledImage(pulled: PulledImage): void
  forgetPulledImage(pulled: PulledImage): void
}

export interface PulledImages {
  all(): readonly PulledImage[]
  /** Whether a task of this host has pulled the reference, and the clean-up has not removed it. */
  has(image: string): boolean
  /** A pull has ended; `before`: what the reference stood for until then. */
  note(image: string, imageId: string, before: string | undefined): void
  /** A task begins with what is here. */
  use(image: string, imageId: string): void
  forget(pulled: PulledImage): void
}

const keyOf = ({ image, imageId }: Pick<PulledImage, 'image' | 'imageId'>): string => `${image}\n${imageId}`

/** Uses are written down no more often: the clean-up thinks in hours. */
const useGranularityMs = 60_000

export const createPulledImages = (store: PulledImageStore, clock: Clock): PulledImages => {
  const records = new Map(store.pulledImages().map(pulled => [keyOf(pulled), pulled]))
  const save = (pulled: PulledImage): void => {
    records.set(keyOf(pulled), pulled)
    store.savePulledImage(pulled)
  }
  return {
    all: () => [...records.values()],
    has: image => [...records.values()].some(pulled => pulled.image === image),
    note: (image, imageId, before) => {
      const known = records.get(keyOf({ image, imageId }))
      const now = clock.now()
      const isOurs = known?.isOurs ?? imageId !== before
      save({ image, imageId, isOurs, pulledAt: known?.pulledAt ?? now, usedAt: now })
    },
    use: (image, imageId) => {
      const known = records.get(keyOf({ image, imageId }))
      const now = clock.now()
      if (known && now - known.usedAt >= useGranularityMs) save({ ...known, usedAt: now })
    },
    forget: pulled => {
      records.delete(keyOf(pulled))
      store.forgetPulledImage(pulled)
    },
  }
}
