import { describe, expect, it } from 'vitest'
import { worldOf } from '../fixtures/service-world.ts'
import { tasks } from '../tables/index.ts'
import { ServiceDraft } from './service-draft.ts'
import { stopsAtOnceOf, stopTasks } from './stop-tasks.ts'
import { serviceTaskOf } from './task-condition.ts'

describe('tasks that are stopped in one plan', () => {
  it('are so many that a roll takes about fifty looks at all tasks, however many these are', () => {
    expect([1, 1_250, 5_000, 100_000].map(count => stopsAtOnceOf(count))).toEqual([25, 25, 100, 2_000])
    expect(stopsAtOnceOf(200, 100)).toBe(100)
  })

  it('are named by events of a hundred each', async () => {
    const world = await worldOf({ service: { desiredCount: 230 } })
    world.run()
    world.obey()
    const draft = new ServiceDraft(world.store, world.service()!, {
      now: world.clock.now(),
      randomHex: bytes => '0'.repeat(bytes * 2),
    })
    const all = [...world.store.all(tasks)].filter(({ lastStatus }) => lastStatus === 'RUNNING')
    stopTasks(
      draft,
      all.map(task => ({ task: serviceTaskOf(task, 'healthy', false), because: 'scaling' as const })),
    )
    const messages = draft
      .plan()
      .steps.flatMap(step => ('record' in step ? [(step.record as { message: string }).message] : []))
    expect(messages.map(message => message.match(/task [0-9a-f]{32}/g)?.length)).toEqual([100, 100, 30])
  })
})
