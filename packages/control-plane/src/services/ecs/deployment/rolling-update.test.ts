import { describe, expect, it } from 'vitest'
import { decide, limitsOf, type RollingUpdate, type ServiceTask } from './rolling-update.ts'

let made = 0
const tasks = (count: number, shape: Partial<ServiceTask> = {}): ServiceTask[] =>
  Array.from({ length: count }, () => {
    made += 1
    return {
      id: `t${String(made).padStart(6, '0')}`,
      deploymentId: 'new',
      condition: 'healthy',
      stopping: false,
      leaving: false,
      isProtected: false,
      instance: 'i1',
      zone: 'a',
      createdAt: made,
      ...shape,
    }
  })

const old = (count: number, shape: Partial<ServiceTask> = {}) =>
  tasks(count, { deploymentId: 'old', ...shape })

const update = (shape: Partial<RollingUpdate>): RollingUpdate => ({
  desiredCount: 10,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  deploymentIds: ['oldest', 'old', 'new'],
  tasks: [],
  launchesHeld: false,
  stopsAtOnce: 1000,
  ...shape,
})

/** How many start, and how many of each deployment and condition stop. */
const outcome = (shape: Partial<RollingUpdate>) => {
  const { start, stop, blocked } = decide(update(shape))
  const counts: Record<string, number> = {}
  for (const { task, because } of stop) {
    const name =
      because === 'unhealthy' ? `${task.deploymentId} unhealthy` : `${task.deploymentId} ${task.condition}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return { start, stop: counts, ...(blocked ? { blocked } : {}) }
}

describe('a protected task', () => {
  const kept = { isProtected: true }
  it('is not stopped for scale-in, while others are', () => {
    const all = [...tasks(2), ...tasks(2, kept)]
    expect(outcome({ desiredCount: 1, tasks: all })).toEqual({ start: 0, stop: { 'new healthy': 2 } })
    expect(outcome({ desiredCount: 0, tasks: tasks(3, kept) })).toEqual({ start: 0, stop: {} })
  })

  it('that starts does not let scale-in go below the minimum of healthy tasks', () => {
    const starting = tasks(2, { ...kept, condition: 'starting' })
    const shape = { desiredCount: 2, minimumHealthyPercent: 50 }
    expect(outcome({ ...shape, tasks: [...tasks(1), ...starting] }).stop).toEqual({})
    expect(outcome({ ...shape, tasks: [...tasks(2), ...starting] }).stop).toEqual({ 'new healthy': 1 })
  })

  it('is not stopped for a deployment, and counts as healthy', () => {
    const all = [...old(2, kept), ...old(2), ...tasks(4)]
    expect(outcome({ desiredCount: 4, tasks: all })).toEqual({ start: 0, stop: { 'old healthy': 2 } })
    expect(outcome({ desiredCount: 4, tasks: old(2, { ...kept, condition: 'starting' }) }).stop).toEqual({})
  })

  it('holds up a deployment that has no room beside it', () => {
    const full = { desiredCount: 2, minimumHealthyPercent: 0, maximumPercent: 100 }
    expect(outcome({ ...full, tasks: old(2, kept) })).toEqual({ start: 0, stop: {}, blocked: true })
  })

  it('is stopped when it is unhealthy, or its host is drained', () => {
    expect(
      outcome({ desiredCount: 1, tasks: [...tasks(1), ...tasks(1, { ...kept, condition: 'unhealthy' })] })
        .stop,
    ).toEqual({ 'new unhealthy': 1 })
    expect(
      outcome({ desiredCount: 1, tasks: [...tasks(1), ...tasks(1, { ...kept, leaving: true })] }).stop,
    ).toEqual({
      'new healthy': 1,
    })
  })
})

describe('the limits of a rolling update', () => {
  it.each([
    { desiredCount: 10, percents: [75, 125], minimum: 8, maximum: 12 },
    { desiredCount: 4, percents: [50, 200], minimum: 2, maximum: 8 },
    { desiredCount: 2, percents: [75, 100], minimum: 2, maximum: 2 },
    { desiredCount: 3, percents: [100, 125], minimum: 3, maximum: 3 },
    { desiredCount: 1, percents: [50, 150], minimum: 1, maximum: 1 },
    { desiredCount: 7, percents: [29, 129], minimum: 3, maximum: 9 },
    { desiredCount: 0, percents: [100, 200], minimum: 0, maximum: 0 },
  ])('round the minimum up and the maximum down: $desiredCount at $percents', given => {
    const [minimumHealthyPercent = 0, maximumPercent = 0] = given.percents
    expect(limitsOf({ desiredCount: given.desiredCount, minimumHealthyPercent, maximumPercent })).toEqual({
      minimum: given.minimum,
      maximum: given.maximum,
    })
  })
})

describe('a service without a deployment under way', () => {
  it('starts what is missing, and no more', () => {
    expect(outcome({ tasks: tasks(7) })).toEqual({ start: 3, stop: {} })
    expect(outcome({ tasks: [...tasks(7), ...tasks(3, { condition: 'starting' })] })).toEqual({
      start: 0,
      stop: {},
    })
  })

  it('replaces a task that was told to stop before it is STOPPED', () => {
    expect(outcome({ maximumPercent: 100, tasks: [...tasks(9), ...tasks(1, { stopping: true })] })).toEqual({
      start: 1,
      stop: {},
    })
  })

  it('scales in by stopping first what does not serve yet', () => {
    const all = [...tasks(2, { condition: 'starting' }), ...tasks(1, { condition: 'settling' }), ...tasks(9)]
    expect(outcome({ desiredCount: 8, tasks: all })).toEqual({
      start: 0,
      stop: { 'new starting': 2, 'new settling': 1, 'new healthy': 1 },
    })
  })

  it('stops everything when none are desired', () => {
    expect(outcome({ desiredCount: 0, tasks: [...tasks(3), ...old(2)] }).stop).toEqual({
      'new healthy': 3,
      'old healthy': 2,
    })
  })

  it('starts nothing while launches are held', () => {
    expect(outcome({ launchesHeld: true, tasks: tasks(7) })).toEqual({ start: 0, stop: {} })
  })
})

describe('a rolling update of ten tasks', () => {
  it.each([
    // minimum 10, maximum 20: all ten new ones at once, no old one goes before a new one is healthy.
    { percents: [100, 200], before: [10, 0, 0], start: 10, stop: 0 },
    { percents: [100, 200], before: [10, 10, 0], start: 0, stop: 0 },
    { percents: [100, 200], before: [10, 6, 4], start: 0, stop: 4 },
    { percents: [100, 200], before: [0, 0, 10], start: 0, stop: 0 },
    // minimum 5, maximum 10: five old ones go, then five new ones come.
    { percents: [50, 100], before: [10, 0, 0], start: 0, stop: 5 },
    { percents: [50, 100], before: [5, 0, 0], start: 5, stop: 0 },
    { percents: [50, 100], before: [5, 2, 3], start: 0, stop: 3 },
    // minimum 8, maximum 12: two start and two stop in the same breath.
    { percents: [75, 125], before: [10, 0, 0], start: 2, stop: 2 },
    { percents: [75, 125], before: [8, 2, 0], start: 2, stop: 0 },
    { percents: [75, 125], before: [8, 0, 4], start: 0, stop: 4 },
    // minimum 0, maximum 100 %: all stop at once.
    { percents: [0, 100], before: [10, 0, 0], start: 0, stop: 10 },
    // minimum 0, maximum 200 %: all stop and all start at once.
    { percents: [0, 200], before: [10, 0, 0], start: 10, stop: 10 },
  ])('with $percents and [old, new starting, new healthy] = $before', ({ percents, before, start, stop }) => {
    const [minimumHealthyPercent = 0, maximumPercent = 0] = percents
    const [oldOnes = 0, starting = 0, healthy = 0] = before
    const all = [...old(oldOnes), ...tasks(starting, { condition: 'starting' }), ...tasks(healthy)]
    const decision = decide(update({ minimumHealthyPercent, maximumPercent, tasks: all }))
    expect({ start: decision.start, stop: decision.stop.length }).toEqual({ start, stop })
    expect(decision.stop.every(({ task }) => task.deploymentId === 'old')).toBe(true)
  })

  it('does not count tasks that only settle towards the minimum', () => {
    expect(outcome({ tasks: [...old(10), ...tasks(10, { condition: 'settling' })] }).stop).toEqual({})
  })

  it('counts tasks that are stopping towards the maximum until they are STOPPED', () => {
    const all = [...old(5), ...old(5, { stopping: true })]
    expect(outcome({ minimumHealthyPercent: 50, maximumPercent: 100, tasks: all })).toEqual({
      start: 0,
      stop: {},
    })
  })

  it('stops at once the tasks of old deployments that have not started yet', () => {
    const all = [...old(10), ...tasks(6, { deploymentId: 'oldest', condition: 'starting' })]
    expect(outcome({ tasks: all })).toEqual({ start: 4, stop: { 'oldest starting': 6 } })
  })

  it('drains old deployments in the order of their age', () => {
    const all = [...tasks(6), ...old(4), ...tasks(4, { deploymentId: 'oldest' })]
    expect(outcome({ minimumHealthyPercent: 90, tasks: all }).stop).toEqual({
      'oldest healthy': 4,
      'old healthy': 1,
    })
  })

  it('keeps old tasks that run but have not settled while nothing else serves', () => {
    expect(outcome({ tasks: old(10, { condition: 'settling' }) })).toEqual({ start: 10, stop: {} })
    expect(outcome({ tasks: [...old(3, { condition: 'settling' }), ...tasks(10)] }).stop).toEqual({
      'old settling': 3,
    })
  })

  it('says that it is blocked when the percentages allow neither a start nor a stop', () => {
    const one = { desiredCount: 1, minimumHealthyPercent: 50, maximumPercent: 150 }
    expect(outcome({ ...one, tasks: old(1) })).toEqual({ start: 0, stop: {}, blocked: true })
    expect(outcome({ ...one, maximumPercent: 200, tasks: old(1) })).toEqual({ start: 1, stop: {} })
    expect(outcome({ ...one, minimumHealthyPercent: 0, tasks: old(1) })).toEqual({
      start: 0,
      stop: { 'old healthy': 1 },
    })
  })
})

describe('unhealthy tasks', () => {
  const sick = (count: number, shape: Partial<ServiceTask> = {}) =>
    tasks(count, { condition: 'unhealthy', ...shape })

  it('are replaced start-first where the maximum allows', () => {
    const before = [...tasks(2), ...sick(1)]
    expect(outcome({ desiredCount: 3, tasks: before })).toEqual({ start: 1, stop: {} })
    const starting = [...before, ...tasks(1, { condition: 'starting' })]
    expect(outcome({ desiredCount: 3, tasks: starting })).toEqual({ start: 0, stop: {} })
    expect(outcome({ desiredCount: 3, tasks: [...before, ...tasks(1)] })).toEqual({
      start: 0,
      stop: { 'new unhealthy': 1 },
    })
  })

  it('go one by one where the maximum leaves no room', () => {
    const full = { desiredCount: 3, minimumHealthyPercent: 50, maximumPercent: 100 }
    expect(outcome({ ...full, tasks: sick(3) }).stop).toEqual({ 'new unhealthy': 1 })
    expect(outcome({ ...full, tasks: [...sick(2), ...sick(1, { stopping: true })] })).toEqual({
      start: 0,
      stop: {},
    })
    expect(outcome({ ...full, tasks: sick(2) })).toEqual({ start: 1, stop: {} })
    expect(outcome({ ...full, tasks: [...sick(2), ...tasks(1, { condition: 'starting' })] })).toEqual({
      start: 0,
      stop: {},
    })
  })

  it('are not stopped first while no replacement may be launched', () => {
    const full = { desiredCount: 1, maximumPercent: 100, minimumHealthyPercent: 0 }
    expect(outcome({ ...full, launchesHeld: true, tasks: sick(1) })).toEqual({ start: 0, stop: {} })
  })

  it('make way together with their replacements that became unhealthy, down to the desired count', () => {
    expect(outcome({ desiredCount: 1, tasks: sick(2) })).toEqual({ start: 0, stop: { 'new unhealthy': 1 } })
  })

  it('of old deployments go before healthy ones', () => {
    const all = [...old(3), ...sick(1, { deploymentId: 'old' })]
    expect(outcome({ desiredCount: 4, minimumHealthyPercent: 75, tasks: all })).toEqual({
      start: 4,
      stop: { 'old unhealthy': 1 },
    })
  })
})

describe('tasks on draining instances', () => {
  it('are replaced within the percentages', () => {
    const leaving = [...tasks(2, { leaving: true }), ...tasks(2)]
    const four = { desiredCount: 4, tasks: leaving }
    expect(outcome(four)).toEqual({ start: 2, stop: {} })
    expect(outcome({ ...four, tasks: [...leaving, ...tasks(2)] })).toEqual({
      start: 0,
      stop: { 'new healthy': 2 },
    })
    expect(outcome({ ...four, minimumHealthyPercent: 50, maximumPercent: 100 })).toEqual({
      start: 0,
      stop: { 'new healthy': 2 },
    })
  })

  it('are stopped at once while they are PENDING', () => {
    const all = [...tasks(3), ...tasks(1, { leaving: true, condition: 'starting' })]
    expect(outcome({ desiredCount: 4, tasks: all })).toEqual({ start: 1, stop: { 'new starting': 1 } })
  })
})

describe('the choice of tasks to stop', () => {
  it('keeps zones, then instances, in balance, and takes the youngest', () => {
    const all = [
      ...tasks(1, { zone: 'a', instance: 'a1' }),
      ...tasks(3, { zone: 'b', instance: 'b1' }),
      ...tasks(1, { zone: 'b', instance: 'b2' }),
      ...tasks(2, { zone: 'c', instance: 'c1' }),
    ]
    const { stop } = decide(update({ desiredCount: 3, tasks: all }))
    expect(stop.map(({ task }) => task.instance)).toEqual(['b1', 'b1', 'c1', 'b1'])
    const kept = all.filter(task => !stop.some(stopped => stopped.task.id === task.id))
    expect(kept.map(task => task.zone)).toEqual(['a', 'b', 'c'])
    expect(stop[0]?.task.id).toBe(all[3]?.id)
  })
})
