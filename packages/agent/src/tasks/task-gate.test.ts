import { expect, test } from 'vitest'
import { createTaskGate, type TaskGate } from './task-gate.ts'

/** Calls of tasks, by the names that they are given; each runs until it is ended. */
const callsThrough = (gate: TaskGate) => {
  const running = new Map<string, (error?: Error) => void>()
  const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
  return {
    ask: async (...calls: readonly [turn: number, name: string][]) => {
      for (const [turn, name] of calls)
        gate
          .run(
            turn,
            () =>
              new Promise<void>((resolve, reject) => {
                running.set(name, error => (error ? reject(error) : resolve()))
              }),
          )
          .catch(() => {})
      await settled()
    },
    end: async (name: string, error?: Error) => {
      const finish = running.get(name)
      running.delete(name)
      finish?.(error)
      await settled()
    },
    running: () => [...running.keys()],
  }
}

test('so many run at once as there are places, and one that fails gives its place back', async () => {
  const calls = callsThrough(createTaskGate(2))
  await calls.ask([1, 'a'], [2, 'b'], [3, 'c'])
  expect(calls.running()).toEqual(['a', 'b'])
  await calls.end('a', new Error('refused'))
  expect(calls.running()).toEqual(['b', 'c'])
})

test('a later container of an early task goes before the first one of a late task', async () => {
  const calls = callsThrough(createTaskGate(1))
  await calls.ask([1, 'early database'], [2, 'second'], [3, 'third'])
  await calls.ask([1, 'early web'])
  await calls.end('early database')
  expect(calls.running()).toEqual(['early web'])
  await calls.end('early web')
  expect(calls.running()).toEqual(['second'])
})

test('a task of many containers has half of the places while others wait', async () => {
  const calls = callsThrough(createTaskGate(4))
  await calls.ask([1, 'busy'], [1, 'busy too'])
  await calls.ask([2, 'many 1'], [2, 'many 2'], [2, 'many 3'], [3, 'one'], [4, 'another'])
  await calls.end('busy')
  await calls.end('busy too')
  expect(calls.running()).toEqual(['many 1', 'many 2', 'one', 'another'])
})

test('a task takes all of the places when nobody else wants them', async () => {
  const calls = callsThrough(createTaskGate(4))
  await calls.ask([1, 'a'], [1, 'b'], [1, 'c'], [1, 'd'], [1, 'e'])
  expect(calls.running()).toEqual(['a', 'b', 'c', 'd'])
})

test('what waits of a task that is told to stop runs at once, and takes no place from others for good', async () => {
  const gate = createTaskGate(1)
  const calls = callsThrough(gate)
  await calls.ask([1, 'a'], [2, 'b'], [3, 'c'])
  gate.letThrough(3)
  await calls.end('none')
  expect(calls.running()).toEqual(['a', 'c'])
  await calls.end('c')
  expect(calls.running()).toEqual(['a'])
  await calls.end('a')
  expect(calls.running()).toEqual(['b'])
})
