import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Balance, type ScaleInOrder, zoneThenInstance } from './balance.ts'
import type { ServiceTask } from './rolling-update.ts'

const taskOn = (host: number, index: number, createdAt: number): ServiceTask => ({
  id: `t${String(index).padStart(3, '0')}`,
  deploymentId: 'd',
  condition: 'healthy',
  stopping: false,
  leaving: false,
  isProtected: false,
  instance: `i${host}`,
  zone: `z${host % 3}`,
  createdAt,
})

const someTasks = fc
  .array(fc.record({ host: fc.nat(6), createdAt: fc.nat(3) }), { maxLength: 30 })
  .map(all => all.map(({ host, createdAt }, index) => taskOn(host, index, createdAt)))

/** Zones alone, zones and racks, nothing but instances, and instances before anything else. */
const orders: readonly ScaleInOrder[] = [
  zoneThenInstance,
  { groupings: [({ zone }) => zone, ({ instance }) => `rack${instance.at(-1) === '1'}`], fullness: [] },
  { groupings: [], fullness: [] },
  { groupings: [({ zone }) => zone], fullness: ['tasks'] },
]

/** The rule word by word, with a look at every task for every task that goes. */
const pickedOneByOne = (
  all: readonly ServiceTask[],
  candidates: readonly ServiceTask[],
  count: number,
  { groupings }: ScaleInOrder,
): string[] => {
  const left = new Set(all)
  const open = new Set(candidates)
  const sizeOf = (task: ServiceTask, groupOf: (task: ServiceTask) => string): number =>
    [...left].filter(other => groupOf(other) === groupOf(task)).length
  const picked: string[] = []
  while (picked.length < count && open.size > 0) {
    const [next] = [...open].sort((a, b) => {
      for (const groupOf of [...groupings, ({ instance }: ServiceTask) => instance]) {
        const more = sizeOf(b, groupOf) - sizeOf(a, groupOf)
        if (more !== 0) return more
      }
      if (a.instance !== b.instance) return a.instance < b.instance ? -1 : 1
      return b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)
    })
    if (next === undefined) break
    picked.push(next.id)
    left.delete(next)
    open.delete(next)
  }
  return picked
}

const scene = fc.record({
  all: someTasks,
  every: fc.integer({ min: 1, max: 3 }),
  count: fc.nat(20),
  order: fc.constantFrom(...orders),
})

describe('the balance of a service', () => {
  it('takes the tasks that the rule names one by one', () => {
    fc.assert(
      fc.property(scene, ({ all, every, count, order }) => {
        const candidates = all.filter((_, index) => index % every === 0)
        const picked = new Balance(all, order).pick(candidates, count).map(({ id }) => id)
        const expected = pickedOneByOne(all, candidates, count, order)
        // When all of them go, their order is nobody's business.
        if (count >= candidates.length) expect(picked.toSorted()).toEqual(expected.toSorted())
        else expect(picked).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('takes the same ones in slices as at once, whether it is asked again or made anew', () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 1, max: 5 }), ({ all, count, order }, slice) => {
        const whole = pickedOneByOne(all, all, Math.min(count, all.length), order)
        const asked = new Balance(all, order)
        const again: string[] = []
        const anew: string[] = []
        for (let done = 0; done < whole.length; done += slice) {
          const next = Math.min(slice, whole.length - done)
          const without = (gone: readonly string[]) => all.filter(({ id }) => !gone.includes(id))
          again.push(...asked.pick(without(again), next).map(({ id }) => id))
          anew.push(...new Balance(without(anew), order).pick(without(anew), next).map(({ id }) => id))
        }
        expect(again.toSorted()).toEqual(whole.toSorted())
        expect(anew.toSorted()).toEqual(whole.toSorted())
      }),
      { numRuns: 300 },
    )
  })
})
