import { describe, expect, it } from 'vitest'
import { createManualClock } from '../clock.ts'
import { EngineError } from '../engine/engine.ts'
import { FakeEngine } from '../engine/fake-engine.ts'
import { silentLog } from '../log.ts'
import { createMemoryStateStore } from '../state/state-store.ts'
import { type ImageCleanupSettings, removableImages, startCleaningImages } from './image-cleanup.ts'
import { createPulledImages, type PulledImage } from './pulled-images.ts'

const minute = 60_000
const hour = 60 * minute

const pulled = (image: string, members: Partial<PulledImage> = {}): PulledImage => ({
  image,
  imageId: `sha256:${image}`,
  isOurs: true,
  pulledAt: 0,
  usedAt: 0,
  ...members,
})

describe('what may be removed', () => {
  const removable = (records: readonly PulledImage[], members = {}) =>
    removableImages(records, {
      now: 2 * hour,
      minimumAgeMs: hour,
      excluded: [],
      needed: new Set(),
      used: new Set(),
      ...members,
    }).map(group => group.map(({ image }) => image))

  it('is the least recently used first', () => {
    expect(removable([pulled('a', { usedAt: 2 }), pulled('b', { usedAt: 1 })])).toEqual([['b'], ['a']])
  })

  it('is nothing that is young, or was used a moment ago', () => {
    expect(removable([pulled('a', { pulledAt: 1.5 * hour })])).toEqual([])
    expect(removable([pulled('a', { usedAt: 2 * hour - 5 * minute })])).toEqual([])
  })

  it('is nothing that was here before, under any name', () => {
    const id = { imageId: 'sha256:x' }
    expect(removable([pulled('a', id), pulled('b', { ...id, isOurs: false })])).toEqual([])
  })

  it('is nothing that a task or any container of the host needs, or that the operator keeps', () => {
    const records = [pulled('a'), pulled('b'), pulled('c'), pulled('d')]
    const members = { needed: new Set(['a']), used: new Set(['sha256:b']), excluded: ['c'] }
    expect(removable(records, members)).toEqual([['d']])
  })
})

const settings: ImageCleanupSettings = {
  isDisabled: false,
  intervalMs: 30 * minute,
  minimumAgeMs: hour,
  removalsPerCycle: 2,
  excluded: [],
  leastFreePercent: 10,
}

const hostWith = (images: readonly string[], members: Partial<ImageCleanupSettings> = {}) => {
  const clock = createManualClock()
  const engine = new FakeEngine({ clock })
  const records = createPulledImages(createMemoryStateStore(), clock)
  for (const image of images) {
    engine.images.add(image)
    records.note(image, `sha256:${image}`, undefined)
  }
  const host = { clock, engine, records, free: 50, pressures: 0, stop: () => {} }
  host.stop = startCleaningImages(
    {
      engine,
      clock,
      log: silentLog,
      pulled: records,
      neededImages: () => new Set(),
      freePercent: async () => host.free,
      onPressure: () => void host.pressures++,
    },
    { ...settings, ...members },
  )
  return host
}

describe('the clean-up of images', () => {
  it('removes so many a cycle, and forgets them', async () => {
    const { clock, engine, records, stop } = hostWith(['a', 'b', 'c'])
    await clock.advance(hour - 1)
    expect(engine.images.size).toBe(3)
    await clock.advance(1)
    expect([...engine.images]).toEqual(['c'])
    expect(records.all().map(({ image }) => image)).toEqual(['c'])
    await clock.advance(30 * minute)
    expect(engine.images.size).toBe(0)
    stop()
  })

  it('leaves a name that stands for another image by now', async () => {
    const { clock, engine, stop } = hostWith(['a'])
    engine.digests.set('a', 'sha256:new')
    await clock.advance(hour)
    expect([...engine.images]).toEqual(['a'])
    stop()
  })

  it('goes on with the next image when a container has begun to need one', async () => {
    const { clock, engine, records, stop } = hostWith(['a', 'b'])
    engine.failures.set('removeImage', [new EngineError('conflict', 'in use')])
    await clock.advance(hour)
    expect(records.all().map(({ image }) => image)).toEqual(['a'])
    stop()
  })

  it('does not wait for an age when the disk is nearly full', async () => {
    const host = hostWith(['a'])
    host.free = 9
    await host.clock.advance(10 * minute)
    expect(host.engine.images.size).toBe(0)
    expect(host.pressures).toBeGreaterThan(0)
    host.stop()
  })
})
