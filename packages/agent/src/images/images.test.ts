import { describe, expect, it } from 'vitest'
import { createManualClock } from '../clock.ts'
import { EngineError, type RegistryAuth } from '../engine/engine.ts'
import { FakeEngine, type FakeEngineOptions } from '../engine/fake-engine.ts'
import { silentLog } from '../log.ts'
import { createMemoryStateStore } from '../state/state-store.ts'
import { imageSettings } from '../tasks/tasks-fixtures.ts'
import { createImages, type ImageSettings } from './images.ts'
import { parseRegistryAuths } from './registry-auth.ts'

const image = 'r.io/app:1'

const hostWith = (settings: Partial<ImageSettings> = {}, options: Partial<FakeEngineOptions> = {}) => {
  const clock = createManualClock()
  const engine = new FakeEngine({ clock, ...options })
  const images = createImages(
    { engine, clock, store: createMemoryStateStore(), log: silentLog },
    { ...imageSettings, ...settings },
  )
  engine.watch('none', {
    connected: () => {},
    disconnected: () => {},
    event: () => {},
    imagesChanged: () => images.forget(),
  })
  return {
    clock,
    engine,
    images,
    /** In the registry, and here if it is said so. */
    given: (where: { here: boolean; wasInRegistry?: boolean }) => {
      engine.registry.add(image)
      if (where.here) engine.images.add(image)
      if (where.wasInRegistry ?? true) engine.digests.set(image, 'sha256:d')
    },
    fail: (...messages: string[]) =>
      engine.failures.set(
        'pull',
        messages.map(message => new EngineError('failed', message)),
      ),
    pullCount: () => engine.pulls.length,
  }
}

describe('an image that is not here', () => {
  it('is pulled, whatever the behaviour, and its digest is what the registry says', async () => {
    for (const pullBehavior of ['default', 'always', 'once', 'prefer-cached'] as const) {
      const { images, given } = hostWith({ pullBehavior })
      given({ here: false })
      let pulls = 0
      expect(await images.prepare({ image, onPull: () => pulls++ })).toMatchObject({ digest: 'sha256:d' })
      expect(pulls).toBe(1)
    }
  })

  it('is pulled once for all who wait for it with the same key, and again for others', async () => {
    const { images, engine, clock, given } = hostWith({}, { latencyMs: { pull: 100 } })
    given({ here: false })
    const key = (password: string) => async (): Promise<RegistryAuth> => ({ username: 'me', password })
    const all = Promise.all([
      images.prepare({ image }),
      images.prepare({ image }),
      images.prepare({ image, auth: key('a') }),
      images.prepare({ image, auth: key('a') }),
      images.prepare({ image, auth: key('b') }),
    ])
    await clock.advance(200)
    await all
    expect(engine.pulls.map(({ auth }) => auth?.password)).toEqual([undefined, 'a', 'b'])
  })

  it("is pulled with the task's key, else with the host's", async () => {
    const registryAuths = parseRegistryAuths('docker', '{"r.io":{"username":"host","password":"h"}}')
    const { images, engine, given } = hostWith({ registryAuths, pullBehavior: 'always' })
    given({ here: false })
    await images.prepare({ image })
    await images.prepare({ image, auth: async () => ({ username: 'task', password: 't' }) })
    expect(engine.pulls.map(({ auth }) => auth?.username)).toEqual(['host', 'task'])
  })

  it('waits its turn behind others of its registry, and not behind those of another', async () => {
    const { images, engine, clock } = hostWith({ pullsAtOnce: 1 }, { latencyMs: { pull: 100 } })
    for (const name of ['r.io/a', 'r.io/b', 's.io/a']) {
      engine.registry.add(name)
      images.prepare({ image: name }).catch(() => {})
    }
    await clock.advance(50)
    expect(engine.pulls.map(pull => pull.image)).toEqual(['r.io/a', 's.io/a'])
    await clock.advance(100)
    expect(engine.pulls.map(pull => pull.image)).toEqual(['r.io/a', 's.io/a', 'r.io/b'])
    await clock.advance(100)
  })

  it('is tried again when its registry stumbles, for at most three seconds', async () => {
    const { images, clock, given, fail, pullCount } = hostWith()
    given({ here: false })
    fail('connection reset', 'connection reset')
    const pulled = images.prepare({ image })
    await clock.advance(1_500)
    expect(await pulled).toMatchObject({ id: 'sha256:sha256:d' })
    expect(pullCount()).toBe(3)
    const other = hostWith()
    other.fail(...Array(9).fill('connection refused'))
    const refused = other.images.prepare({ image })
    refused.catch(() => {})
    await other.clock.advance(3_000)
    await expect(refused).rejects.toThrow('connection refused')
  })

  it.each(['pull access denied for x', 'unauthorized: authentication required', 'manifest unknown'])(
    'is not tried again after a final answer: %s',
    async message => {
      const { images, fail, pullCount } = hostWith()
      fail(message)
      await expect(images.prepare({ image })).rejects.toThrow(message)
      expect(pullCount()).toBe(1)
    },
  )
})

describe('an image that is here', () => {
  it('is asked for again by default, and used when the registry refuses', async () => {
    const { images, given, fail, pullCount } = hostWith()
    given({ here: true })
    let pulls = 0
    await images.prepare({ image, onPull: () => pulls++ })
    fail('denied')
    expect(await images.prepare({ image, onPull: () => pulls++ })).toMatchObject({ digest: 'sha256:d' })
    expect(pullCount()).toBe(2)
    // It does not keep the task PENDING.
    expect(pulls).toBe(0)
  })

  it('is not asked for when it was made on this host, or is named by its digest', async () => {
    const { images, engine, given, pullCount } = hostWith()
    given({ here: true, wasInRegistry: false })
    await images.prepare({ image })
    const exact = 'r.io/app@sha256:d'
    engine.images.add(exact)
    engine.digests.set(exact, 'sha256:d')
    await images.prepare({ image: exact })
    expect(pullCount()).toBe(0)
  })

  it('does not wait long for a registry that says nothing', async () => {
    const { images, engine, given } = hostWith()
    given({ here: true })
    await images.prepare({ image })
    expect(engine.pulls[0]?.patience).toEqual({ beginMs: 10_000, inactivityMs: 60_000 })
  })

  it('fails the task when the registry refuses and the behaviour is always or once', async () => {
    for (const pullBehavior of ['always', 'once'] as const) {
      const { images, given, fail } = hostWith({ pullBehavior })
      given({ here: true })
      fail('denied')
      await expect(images.prepare({ image })).rejects.toThrow('denied')
    }
  })

  it('is pulled once per host when the behaviour is once', async () => {
    const { images, given, pullCount } = hostWith({ pullBehavior: 'once' })
    given({ here: true })
    await images.prepare({ image })
    await images.prepare({ image })
    expect(pullCount()).toBe(1)
  })

  it('is never asked for when the behaviour is prefer-cached', async () => {
    const { images, given, pullCount } = hostWith({ pullBehavior: 'prefer-cached' })
    given({ here: true })
    await images.prepare({ image })
    expect(pullCount()).toBe(0)
  })

  it('is asked for with no key of the task when it is not pulled', async () => {
    const { images, given } = hostWith({ pullBehavior: 'prefer-cached' })
    given({ here: true })
    const auth = () => Promise.reject(new Error('not needed'))
    expect(await images.prepare({ image, auth })).toMatchObject({ digest: 'sha256:d' })
  })
})
