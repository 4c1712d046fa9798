import { expect, test, vi } from 'vitest'
import { DurableOutbox } from './durable-outbox.ts'

const createOutbox = () => {
  const durable = new Map<number, PromiseWithResolvers<void>>()
  const waitFor = (sequence: number) => {
    const known = durable.get(sequence) ?? Promise.withResolvers<void>()
    durable.set(sequence, known)
    return known
  }
  const told = { onProgress: vi.fn(), onFailure: vi.fn(), onFault: vi.fn() }
  const outbox = new DurableOutbox({ durable: sequence => waitFor(sequence).promise, ...told })
  return { outbox, waitFor, ...told }
}

test('Deliveries wait for their commit, and leave in order', async () => {
  const { outbox, waitFor, onProgress } = createOutbox()
  const delivered: string[] = []
  outbox.after(1, () => delivered.push('first'))
  outbox.after(2, () => delivered.push('second'))
  outbox.after(2, () => delivered.push('third'))
  expect(delivered).toEqual([])
  waitFor(1).resolve()
  await vi.waitFor(() => expect(onProgress).toHaveBeenCalledTimes(1))
  expect(delivered).toEqual(['first'])
  waitFor(2).resolve()
  await vi.waitFor(() => expect(onProgress).toHaveBeenCalledTimes(2))
  expect(delivered).toEqual(['first', 'second', 'third'])
  expect(outbox.size).toBe(0)
})

test('A delivery that throws holds up no other', async () => {
  const { outbox, waitFor, onFault, onFailure } = createOutbox()
  const deliver = vi.fn()
  const fault = new Error('broken')
  outbox.after(1, () => {
    throw fault
  })
  outbox.after(1, deliver)
  waitFor(1).resolve()
  await vi.waitFor(() => expect(deliver).toHaveBeenCalledOnce())
  expect(onFault).toHaveBeenCalledExactlyOnceWith(fault)
  expect(onFailure).not.toHaveBeenCalled()
  const later = vi.fn()
  outbox.after(2, later)
  waitFor(2).resolve()
  await vi.waitFor(() => expect(later).toHaveBeenCalledOnce())
})

test('Nothing is delivered once the journal has failed', async () => {
  const { outbox, waitFor, onFailure } = createOutbox()
  const deliver = vi.fn()
  const failure = new Error('disk full')
  outbox.after(1, deliver)
  waitFor(1).reject(failure)
  await vi.waitFor(() => expect(onFailure).toHaveBeenCalledExactlyOnceWith(failure))
  outbox.after(1, deliver)
  expect(deliver).not.toHaveBeenCalled()
})
