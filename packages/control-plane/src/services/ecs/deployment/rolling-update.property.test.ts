import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Decision, decide, limitsOf, type RollingUpdate, type ServiceTask } from './rolling-update.ts'

/** What happens to a service between two decisions. */
type Happening =
  | { readonly kind: 'progress' | 'die' | 'sicken' | 'drain'; readonly which: number }
  | { readonly kind: 'deploy' }
  | { readonly kind: 'scale'; readonly to: number }
  | { readonly kind: 'configure'; readonly minimum: number; readonly maximum: number }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('progress' as const), which: fc.nat(999) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('die', 'sicken', 'drain'), which: fc.nat(999) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'deploy' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('scale' as const), to: fc.nat(12) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('configure' as const),
      minimum: fc.nat(100),
      maximum: fc.oneof(fc.constant(100), fc.integer({ min: 100, max: 300 })),
    }),
  },
)

const following = {
  starting: 'settling',
  settling: 'healthy',
  healthy: 'healthy',
  unhealthy: 'unhealthy',
} as const

/** A service whose hosts do as they are told, sooner or later. */
class Model {
  constructor(stopsAtOnce: number) {
    this.#set({ stopsAtOnce })
  }

  update: RollingUpdate = {
    desiredCount: 3,
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    deploymentIds: ['d0'],
    tasks: [],
    launchesHeld: false,
    stopsAtOnce: 1000,
  }
  #made = 0

  happen(event: Happening): void {
    switch (event.kind) {
      case 'deploy':
        this.#deploy()
        return
      case 'scale':
        this.#scale(event.to)
        return
      case 'configure':
        this.#set({ minimumHealthyPercent: event.minimum, maximumPercent: event.maximum })
        return
      default:
        this.#touch(event)
    }
  }

  /** What ran before is what had completed, with all that it wanted. */
  #deploy(): void {
    const { deploymentIds, desiredCount } = this.update
    const source = { deploymentId: deploymentIds.at(-1) ?? '', desiredCount, launchesHeld: false }
    this.#set({ deploymentIds: [...deploymentIds, `d${deploymentIds.length}`], source })
  }

  #scale(to: number): void {
    const { source, desiredCount } = this.update
    const scaled = source && { ...source, desiredCount: Math.max(0, source.desiredCount + to - desiredCount) }
    this.#set({ desiredCount: to, source: scaled })
  }

  apply({ start, startOfSource = 0, stop }: Decision): void {
    const stopped = new Set(stop.map(({ task }) => task.id))
    this.#set({
      tasks: [
        ...this.update.tasks.map(task => (stopped.has(task.id) ? { ...task, stopping: true } : task)),
        ...Array.from({ length: start }, () => this.#newTask(this.update.deploymentIds.at(-1))),
        ...Array.from({ length: startOfSource }, () => this.#newTask(this.update.source?.deploymentId)),
      ],
    })
  }

  /** Every task moves on; those of the primary deployment that are not healthy yet end, where it `fails`. */
  settle(fails = false): void {
    const primary = this.update.deploymentIds.at(-1)
    const ends = ({ deploymentId, condition }: ServiceTask): boolean =>
      fails && deploymentId === primary && condition !== 'healthy'
    this.#set({ tasks: this.update.tasks.flatMap(task => (ends(task) ? [] : progressed(task))) })
  }

  #touch({ kind, which }: { kind: string; which: number }): void {
    const { tasks } = this.update
    const index = which % (tasks.length || 1)
    this.#set({
      tasks: tasks.flatMap((task, at) => {
        if (at !== index) return [task]
        if (kind === 'die') return []
        if (kind === 'sicken')
          return task.condition === 'starting' ? [task] : [{ ...task, condition: 'unhealthy' as const }]
        return kind === 'drain' ? [{ ...task, leaving: true }] : progressed(task)
      }),
    })
  }

  #newTask(deploymentId = ''): ServiceTask {
    this.#made += 1
    return {
      id: `t${String(this.#made).padStart(5, '0')}`,
      deploymentId,
      condition: 'starting',
      stopping: false,
      leaving: false,
      isProtected: false,
      instance: `i${this.#made % 4}`,
      zone: `z${this.#made % 2}`,
      createdAt: this.#made,
    }
  }

  #set(change: Partial<RollingUpdate>): void {
    this.update = { ...this.update, ...change }
  }
}

const progressed = (task: ServiceTask): ServiceTask[] =>
  task.stopping ? [] : [{ ...task, condition: following[task.condition] }]

const active = (update: RollingUpdate) => update.tasks.filter(task => !task.stopping)
const healthyOf = (update: RollingUpdate) =>
  active(update).filter(task => task.condition === 'healthy').length

/** Something bad never happens by the scheduler's own doing. */
const checkSafety = (before: RollingUpdate, decision: Decision, after: RollingUpdate): void => {
  const { minimum, maximum } = limitsOf(before)
  expect(healthyOf(after)).toBeGreaterThanOrEqual(Math.min(minimum, healthyOf(before)))
  if (decision.start > 0 || (decision.startOfSource ?? 0) > 0) {
    const plain =
      before.source === undefined &&
      before.tasks.every(
        task =>
          task.deploymentId === before.deploymentIds.at(-1) &&
          !task.leaving &&
          task.condition !== 'unhealthy',
      )
    if (plain) expect(active(after).length).toBe(before.desiredCount)
    else expect(after.tasks.length).toBeLessThanOrEqual(maximum)
  }
  const surplus = decision.stop.filter(
    ({ task }) => task.deploymentId === before.deploymentIds.at(-1) && !task.leaving,
  )
  if (healthyOf(before) < minimum && surplus.length === 0)
    expect(decision.stop.filter(({ task }) => task.condition === 'settling')).toEqual([])
  expect(new Set(decision.stop.map(({ task }) => task.id)).size).toBe(decision.stop.length)
  expect(decision.stop.every(({ task }) => !task.stopping)).toBe(true)
}

const forAnyHistory = (check: (model: Model, happenings: readonly Happening[]) => void): void =>
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 60 }),
      fc.constantFrom(1, 2, 50),
      (happenings, stopsAtOnce) => check(new Model(stopsAtOnce), happenings),
    ),
    { numRuns: 400 },
  )

describe('any service, whatever happens to it', () => {
  it('never falls below the minimum nor rises above the maximum by the scheduler’s own doing', () => {
    forAnyHistory((model, happenings) => {
      for (const event of happenings) {
        model.happen(event)
        const before = model.update
        const decision = decide(before)
        model.apply(decision)
        checkSafety(before, decision, model.update)
      }
    })
  })

  it('converges to the desired count of healthy primary tasks once the hosts obey, or says that it is blocked', () => {
    forAnyHistory((model, happenings) => {
      for (const event of happenings) {
        model.happen(event)
        model.apply(decide(model.update))
      }
      let blocked = false
      for (let round = 0; round < 200 && !blocked; round++) {
        const decision = decide(model.update)
        blocked = decision.blocked
        model.apply(decision)
        model.settle()
      }
      const { minimum, maximum } = limitsOf(model.update)
      if (blocked) expect([minimum, maximum]).toEqual([model.update.desiredCount, model.update.desiredCount])
      else {
        expect(model.update.tasks).toHaveLength(model.update.desiredCount)
        expect(healthyOf(model.update)).toBe(model.update.desiredCount)
        expect(
          model.update.tasks.every(task => task.deploymentId === model.update.deploymentIds.at(-1)),
        ).toBe(true)
        expect(model.update.tasks.every(task => !task.leaving)).toBe(true)
      }
    })
  })

  it('gets back to the minimum with tasks of what served before, where the new deployment never starts', () => {
    forAnyHistory((model, happenings) => {
      for (const event of happenings) {
        model.happen(event)
        model.apply(decide(model.update))
      }
      const { source, desiredCount } = model.update
      const { minimum, maximum } = limitsOf(model.update)
      if (source === undefined || minimum >= maximum) return
      for (let round = 0; round < 200; round++) {
        // The back-off holds its launches most of the time.
        model.apply(decide({ ...model.update, launchesHeld: round % 8 > 0 }))
        model.settle(true)
      }
      const wanted = Math.min(minimum, desiredCount, source.desiredCount)
      expect(healthyOf(model.update)).toBeGreaterThanOrEqual(wanted)
    })
  })
})
