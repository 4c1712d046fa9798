/**
 * Removes images that no task uses any more, of those that the agent's own pulls brought.
 * (AWS: "Automatic Amazon ECS task and image cleanup"; the threshold of the disk is Berth's own)
 */
import type { Cancel, Clock } from '../clock.ts'
import { type Engine, isEngineError } from '../engine/engine.ts'
import type { Log } from '../log.ts'
import type { PulledImage, PulledImages } from './pulled-images.ts'

export interface ImageCleanupSettings {
  readonly isDisabled: boolean
  readonly intervalMs: number
  /** Since the image was pulled. */
  readonly minimumAgeMs: number
  readonly removalsPerCycle: number
  /** References that are never removed. */
  readonly excluded: readonly string[]
  /** Of the disk that holds the engine's data; below it the age does not count. 0: never. */
  readonly leastFreePercent: number
}

export interface ImageCleanupParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
  readonly pulled: PulledImages
  /** References that tasks need which have not ended. */
  neededImages(): ReadonlySet<string>
  /** Undefined when it cannot be told. */
  freePercent(): Promise<number | undefined>
  /** The disk is nearly full: whatever else may go early goes now. */
  onPressure(): void
}

const pressureCheckMs = 60_000
/** Between the moment in which a task finds an image and the creation of its container, nothing else holds the image. */
const graceMs = 600_000

/** The records of one image, which may have been pulled by several names. */
export type PulledGroup = readonly PulledImage[]

export interface Removability {
  readonly now: number
  readonly minimumAgeMs: number
  readonly excluded: readonly string[]
  /** References. */
  readonly needed: ReadonlySet<string>
  /** Image ids. */
  readonly used: ReadonlySet<string>
}

/** What may be removed, least recently used first. An image that was here before the agent pulled it is somebody else's. */
export const removableImages = (pulled: readonly PulledImage[], given: Removability): PulledGroup[] => {
  const { now, minimumAgeMs, excluded, needed, used } = given
  const isFree = (record: PulledImage): boolean =>
    record.isOurs &&
    now - record.pulledAt >= minimumAgeMs &&
    now - record.usedAt >= Math.min(graceMs, minimumAgeMs) &&
    !excluded.includes(record.image) &&
    !needed.has(record.image)
  const lastUse = (group: PulledGroup): number => Math.max(...group.map(({ usedAt }) => usedAt))
  return [...Map.groupBy(pulled, ({ imageId }) => imageId)]
    .filter(([imageId, group]) => !used.has(imageId) && group.every(isFree))
    .map(([, group]) => group)
    .sort((left, right) => lastUse(left) - lastUse(right))
}

/** False when a container has begun to need it. Names that somebody else gave the image keep it. */
const removeImage = async (engine: Engine, imageId: string, group: PulledGroup): Promise<boolean> => {
  try {
    for (const { image } of group)
      if ((await engine.inspectImage(image))?.id === imageId) await engine.removeImage(image)
    const rest = await engine.inspectImage(imageId)
    if (rest?.names.length === 0) await engine.removeImage(imageId)
    return true
  } catch (error) {
    if (isEngineError(error, 'conflict')) return false
    throw error
  }
}

export const startCleaningImages = (
  { engine, clock, log, pulled, ...parts }: ImageCleanupParts,
  settings: ImageCleanupSettings,
): Cancel => {
  let cancel: Cancel = () => {}
  let isStopped = false

  const cycle = async (minimumAgeMs: number): Promise<void> => {
    if (pulled.all().length === 0) return
    const used = await engine.usedImages()
    const given = { ...settings, minimumAgeMs, now: clock.now(), needed: parts.neededImages(), used }
    let removed = 0
    for (const group of removableImages(pulled.all(), given)) {
      const imageId = group[0]?.imageId ?? ''
      if (removed === settings.removalsPerCycle || isStopped) return
      if (!(await removeImage(engine, imageId, group))) continue
      removed += 1
      for (const record of group) pulled.forget(record)
      log.info({ images: group.map(({ image }) => image), imageId }, 'removed an image that nothing uses')
    }
  }

  const isPressed = async (): Promise<boolean> => {
    if (settings.leastFreePercent === 0) return false
    const free = await parts.freePercent()
    if (free === undefined || free >= settings.leastFreePercent) return false
    log.warn(
      { freePercent: Math.floor(free) },
      'the disk of the container engine is nearly full; cleaning up',
    )
    parts.onPressure()
    return true
  }

  const schedule = (cycleAt: number): void => {
    const at = Math.min(cycleAt, clock.now() + pressureCheckMs)
    cancel = clock.after(Math.max(0, at - clock.now()), () => void run(cycleAt))
  }

  const run = async (cycleAt: number): Promise<void> => {
    const isDue = clock.now() >= cycleAt
    try {
      if (await isPressed()) await cycle(graceMs)
      else if (isDue) await cycle(settings.minimumAgeMs)
    } catch (error) {
      log.warn({ error: String(error) }, 'cannot clean images up; trying again')
    }
    if (!isStopped) schedule(isDue ? clock.now() + settings.intervalMs : cycleAt)
  }

  schedule(clock.now() + settings.intervalMs)
  return () => {
    isStopped = true
    cancel()
  }
}
