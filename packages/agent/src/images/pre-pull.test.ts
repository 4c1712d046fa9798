import { expect, it } from 'vitest'
import { createManualClock } from '../clock.ts'
import { FakeEngine } from '../engine/fake-engine.ts'
import { silentLog } from '../log.ts'
import { createMemoryStateStore } from '../state/state-store.ts'
import { imageSettings } from '../tasks/tasks-fixtures.ts'
import { createImages } from './images.ts'
import { createPrePull } from './pre-pull.ts'

it('pulls ahead one image after the other, each once, and goes on after a failure', async () => {
  const clock = createManualClock()
  const engine = new FakeEngine({ clock, latencyMs: { pull: 100 } })
  const images = createImages(
    { engine, clock, store: createMemoryStateStore(), log: silentLog },
    imageSettings,
  )
  const prePull = createPrePull(images, silentLog)
  engine.registry.add('r.io/a').add('r.io/c')
  prePull(['r.io/a', 'r.io/refused', 'r.io/c'])
  prePull(['r.io/c'])
  await clock.advance(50)
  expect(engine.pulls.map(({ image }) => image)).toEqual(['r.io/a'])
  await clock.advance(1_000)
  expect(engine.pulls.map(({ image }) => image)).toEqual(['r.io/a', 'r.io/refused', 'r.io/c'])
  expect([...engine.images]).toEqual(['r.io/a', 'r.io/c'])
})
