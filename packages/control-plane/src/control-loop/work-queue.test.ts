import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TimerHeap } from './timer-heap.ts'
import { WorkQueue } from './work-queue.ts'

const takeAll = (queue: WorkQueue): string[] => {
  const taken: string[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take())
    taken.push(`${item.reconciler} ${item.key}`)
  return taken
}

it('gives each key once, in order, and lets reconcilers take turns', () => {
  const queue = new WorkQueue(['busy', 'calm'])
  for (const key of ['1', '2', '1', '3']) queue.add('busy', key)
  queue.add('calm', '9')
  expect(queue.size).toBe(4)
  expect(takeAll(queue)).toEqual(['busy 1', 'calm 9', 'busy 2', 'busy 3'])
  queue.add('busy', '1')
  expect(takeAll(queue)).toEqual(['busy 1'])
})

it('keeps its order and loses nothing over thousands of keys', () => {
  const queue = new WorkQueue(['one'])
  const keys = Array.from({ length: 10_000 }, (_, n) => String(n))
  for (const key of keys) queue.add('one', key)
  const taken: string[] = []
  for (let n = 0; n < 5000; n++) taken.push(queue.take()?.key ?? '')
  for (const key of keys.slice(0, 100)) queue.add('one', key)
  while (queue.size > 0) taken.push(queue.take()?.key ?? '')
  expect(taken).toEqual([...keys, ...keys.slice(0, 100)])
})

it('wakes keys when their time has come, each once', () => {
  const queue = new WorkQueue(['one'])
  queue.wakeAt('one', 'late', 300)
  queue.wakeAt('one', 'early', 100)
  queue.wakeAt('one', 'late', 200)
  queue.wakeAt('one', 'late', 250)
  queue.wake(199)
  expect(takeAll(queue)).toEqual(['one early'])
  queue.wake(200)
  expect(takeAll(queue)).toEqual(['one late'])
  queue.wake(1000)
  expect([takeAll(queue), queue.nextWakeAt]).toEqual([[], undefined])
})

it('gives timers by time, those of the same time as they were set', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20 }))
  fc.assert(
    fc.property(times, fc.nat(25), (added, now) => {
      const heap = new TimerHeap<string>()
      for (const [n, at] of added.entries()) heap.add(at, `${at} ${n}`)
      const due: string[] = []
      for (let item = heap.takeDue(now); item !== undefined; item = heap.takeDue(now)) due.push(item)
      const expected = added.map((at, n) => ({ at, n })).filter(({ at }) => at <= now)
      expected.sort((a, b) => a.at - b.at || a.n - b.n)
      expect(due).toEqual(expected.map(({ at, n }) => `${at} ${n}`))
      expect(heap.size).toBe(added.length - due.length)
    }),
  )
})
