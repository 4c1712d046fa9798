import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DaemonTask, type DaemonUpdate, decideDaemon } from './daemon-decision.ts'

let made = 0
const task = (change: Partial<DaemonTask> = {}): DaemonTask => {
  made += 1
  return {
    id: `task-${String(made).padStart(6, '0')}`,
    deploymentId: 'new',
    condition: 'healthy',
    stopping: false,
    leaving: false,
    isProtected: false,
    instance: `i-${made}`,
    zone: 'a',
    createdAt: made,
    place: 'wanted',
    ...change,
  }
}
const tasks = (count: number, change: Partial<DaemonTask> = {}) =>
  Array.from({ length: count }, () => task(change))

const decide = (all: readonly DaemonTask[], change: Partial<DaemonUpdate> = {}) =>
  decideDaemon({
    desiredCount: all.length,
    minimumHealthyPercent: 0,
    deploymentIds: ['old', 'new'],
    tasks: all,
    vacancies: 0,
    launchesHeld: false,
    isGivenUp: false,
    stopsAtOnce: 25,
    ...change,
  })

/** How many tasks are stopped for which cause. */
const stops = (...parameters: Parameters<typeof decide>) => {
  const { stop, hasMoreToStop, blocked } = decide(...parameters)
  const count = (cause: string) => stop.filter(({ because }) => because === cause).length
  return [
    count('scaling'),
    count('unhealthy'),
    ...(hasMoreToStop ? ['more'] : []),
    ...(blocked ? ['blocked'] : []),
  ]
}

const old = (count: number, change: Partial<DaemonTask> = {}) =>
  tasks(count, { deploymentId: 'old', ...change })

describe('a deployment', () => {
  it.each([
    [0, 10],
    [50, 5],
    [75, 2],
    [91, 0],
  ])('with a minimum of %i %% lets %i of ten old tasks go at first', (minimumHealthyPercent, count) => {
    expect(stops(old(10), { minimumHealthyPercent })[0]).toBe(count)
  })

  it('lets the next ones go as new ones are healthy, and not for those that settle', () => {
    const half = { minimumHealthyPercent: 50 }
    expect(stops([...old(5), ...tasks(3), ...tasks(2, { condition: 'settling' })], half)).toEqual([3, 0])
    expect(stops([...old(5), ...tasks(5, { condition: 'settling' })], half)).toEqual([0, 0])
  })

  it('keeps old tasks that settle while the minimum does not hold without them', () => {
    const settling = old(2, { condition: 'settling' })
    expect(stops([...settling, ...tasks(1)], { minimumHealthyPercent: 50 })).toEqual([0, 0])
    expect(stops([...settling, ...tasks(2)], { minimumHealthyPercent: 50 })).toEqual([2, 0])
  })

  it('lets old tasks that have not started go at once', () => {
    expect(stops(old(3, { condition: 'starting' }), { minimumHealthyPercent: 90 })).toEqual([3, 0])
  })

  it('stops no protected task, and waits for it without being blocked', () => {
    expect(stops(old(3, { isProtected: true }))).toEqual([0, 0])
  })

  it('is blocked when the minimum needs every healthy task, and nothing moves', () => {
    const most = { minimumHealthyPercent: 50 }
    expect(stops(old(1), most)).toEqual([0, 0, 'blocked'])
    expect(stops([...old(1), task({ condition: 'settling' })], { ...most, desiredCount: 3 })).toEqual([0, 0])
    expect(stops(old(1), { ...most, vacancies: 1, desiredCount: 2 })).toEqual([0, 0])
    expect(stops(old(1), { ...most, launchesHeld: true })).toEqual([0, 0])
  })

  it('that was given up leaves the tasks of earlier ones alone', () => {
    expect(stops([...old(3), ...old(1, { condition: 'unhealthy' })], { isGivenUp: true })).toEqual([0, 0])
  })

  it('stops a bounded number of tasks at once, the oldest deployment first', () => {
    expect(stops(old(60))).toEqual([25, 0, 'more'])
    const three = [...tasks(1, { deploymentId: 'older' }), ...old(2), ...tasks(1)]
    const ids = { deploymentIds: ['older', 'old', 'new'], minimumHealthyPercent: 75 }
    expect(decide(three, ids).stop.map(({ task }) => task.deploymentId)).toEqual(['older'])
  })
})

describe('places', () => {
  it('that do not satisfy the constraints lose their task, protected or not', () => {
    const misplaced = tasks(1, { place: 'misplaced', isProtected: true })
    expect(stops([...misplaced, ...tasks(1)], { desiredCount: 1, minimumHealthyPercent: 99 })).toEqual([1, 0])
  })

  it('that drain keep their task, healthy or not, until it is marked as the last', () => {
    const draining = tasks(2, { place: 'draining' })
    const unhealthy = tasks(1, { place: 'draining', condition: 'unhealthy' })
    const earlier = old(1, { place: 'draining' })
    expect(stops([...draining, ...unhealthy, ...earlier], { desiredCount: 0 })).toEqual([0, 0])
    const last = tasks(1, { place: 'draining', leaving: true, isProtected: true })
    expect(stops(last, { desiredCount: 0 })).toEqual([1, 0])
  })
})

describe('unhealthy tasks', () => {
  const unhealthy = (count: number) => tasks(count, { condition: 'unhealthy' })

  it('go as long as the minimum runs without them', () => {
    expect(stops([...tasks(4), ...unhealthy(6)], { minimumHealthyPercent: 70 })).toEqual([0, 3])
    expect(stops([...tasks(4), ...unhealthy(6)])).toEqual([0, 6])
  })

  it('go one by one where the minimum needs them all, while nothing else moves', () => {
    const tight = { minimumHealthyPercent: 99 }
    expect(stops([...tasks(3), ...unhealthy(2)], tight)).toEqual([0, 1])
    expect(stops([...tasks(2), ...unhealthy(2), task({ condition: 'settling' })], tight)).toEqual([0, 0])
    expect(stops([...tasks(3), ...unhealthy(1), task({ stopping: true })], tight)).toEqual([0, 0])
  })

  it('stay while the launch back-off lasts: nothing would take their place', () => {
    expect(stops(unhealthy(3), { launchesHeld: true })).toEqual([0, 0])
  })

  it('of old deployments go as soon as enough others are healthy', () => {
    const mixed = [...old(2, { condition: 'unhealthy' }), ...tasks(2, { condition: 'settling' }), ...tasks(4)]
    expect(stops(mixed, { minimumHealthyPercent: 50, launchesHeld: true })).toEqual([0, 2])
  })
})

it('never lets fewer healthy tasks remain than the minimum, whatever the state', () => {
  const anyTask = fc.record({
    deploymentId: fc.constantFrom('old', 'new'),
    condition: fc.constantFrom('starting', 'settling', 'healthy', 'unhealthy'),
    stopping: fc.boolean(),
    isProtected: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(anyTask, { maxLength: 12 }), fc.integer({ min: 0, max: 99 }), (all, minimum) => {
      const rows = all.map(change => task(change as Partial<DaemonTask>))
      const isHealthy = (one: { condition: string; stopping: boolean }) =>
        one.condition === 'healthy' && !one.stopping
      const { stop } = decide(rows, { minimumHealthyPercent: minimum })
      const gone = new Set(stop.map(({ task }) => task.id))
      const before = rows.filter(isHealthy).length
      const after = rows.filter(row => isHealthy(row) && !gone.has(row.id)).length
      const least = Math.ceil((rows.length * minimum) / 100)
      expect(after).toBeGreaterThanOrEqual(Math.min(before, least))
      for (const { task } of stop) {
        expect(task.stopping).toBe(false)
        expect(task.isProtected && task.condition !== 'unhealthy').toBe(false)
      }
    }),
  )
})
