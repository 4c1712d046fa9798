import type { PayloadContainer } from '@berth/model'
import { describe, expect, it } from 'vitest'
import { hasCycle, mayCreate, mayStart, mayStop } from './dependencies.ts'
import type { ContainerState } from './task-state.ts'
import { newTask, type TaskState } from './task-state.ts'
import { container, payload } from './tasks-fixtures.ts'

type Condition = NonNullable<PayloadContainer['dependsOn']>[number]['condition']

/** `app` depends on `db`, which is in the given state. */
const given = (
  condition: Condition,
  db: Partial<ContainerState>,
  definition: Partial<PayloadContainer> = {},
): TaskState => {
  const task = newTask(
    payload('a', [
      container('db', definition),
      container('app', { dependsOn: [{ containerName: 'db', condition }] }),
    ]),
    'i',
  )
  return {
    ...task,
    containers: [
      { name: 'db', step: 'NONE', ...db },
      { name: 'app', step: 'CREATED' },
    ],
  }
}
const verdict = (task: TaskState, now = 0) => mayStart(task, { name: 'app', step: 'CREATED' }, now)

describe('a dependency', () => {
  const running: Partial<ContainerState> = { step: 'RUNNING', startedAt: 1_000 }
  const ended = (exitCode: number): Partial<ContainerState> => ({
    step: 'STOPPED',
    startedAt: 1_000,
    exitCode,
  })
  it.each([
    ['START', { step: 'CREATED' as const }, 'waiting'],
    ['START', running, 'ready'],
    ['START', ended(1), 'ready'],
    ['START', { step: 'STOPPED' as const, exitCode: 143 }, 'failed'],
    ['COMPLETE', running, 'waiting'],
    ['COMPLETE', ended(1), 'ready'],
    ['SUCCESS', running, 'waiting'],
    ['SUCCESS', ended(0), 'ready'],
    ['SUCCESS', ended(1), 'failed'],
    ['HEALTHY', running, 'waiting'],
    ['HEALTHY', { ...running, healthStatus: 'UNHEALTHY' as const }, 'waiting'],
    ['HEALTHY', { ...running, healthStatus: 'HEALTHY' as const }, 'ready'],
    ['HEALTHY', ended(0), 'failed'],
  ] as const)('%s on %j is %s', (condition, db, expected) => {
    expect(verdict(given(condition, db)).is).toBe(expected)
  })

  it('times out so many seconds after its own start', () => {
    const task = given('SUCCESS', running, { startTimeout: 5 })
    expect(verdict(task, 5_999)).toEqual({ is: 'waiting', until: 6_000 })
    expect(verdict(task, 6_000)).toMatchObject({ is: 'failed' })
  })
})

describe('links and volumes', () => {
  it('need their containers to exist before, and a link needs its container to run', () => {
    const containers = [container('db'), container('app', { links: ['db:database'] })]
    const task = newTask(payload('a', containers), 'i')
    const app: ContainerState = { name: 'app', step: 'PULLED' }
    expect(mayCreate(task, app)).toBe(false)
    const created: TaskState = { ...task, containers: [{ name: 'db', step: 'CREATED' }, app] }
    expect(mayCreate(created, app)).toBe(true)
    expect(mayStart(created, app, 0)).toEqual({ is: 'waiting' })
  })
})

describe('stopping', () => {
  it('waits for those who depend on a container and still run', () => {
    const task = given('START', { step: 'RUNNING' })
    const [db] = task.containers
    const running: TaskState = {
      ...task,
      containers: [db as ContainerState, { name: 'app', step: 'RUNNING' }],
    }
    expect(mayStop(running, db as ContainerState)).toBe(false)
    expect(mayStop(task, db as ContainerState)).toBe(true)
  })
})

describe('a circle', () => {
  it('is found through dependsOn, links and volumesFrom', () => {
    expect(
      hasCycle([
        container('x', { links: ['y'] }),
        container('y', { volumesFrom: [{ sourceContainer: 'z' }] }),
        container('z', { dependsOn: [{ containerName: 'x', condition: 'START' }] }),
      ]),
    ).toBe(true)
    expect(
      hasCycle([container('x', { links: ['y', 'z'] }), container('y', { links: ['z'] }), container('z')]),
    ).toBe(false)
  })
})
