import type { BerthStateChanges } from '@berth/model'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../clock.ts'
import { StateChangeOutbox } from './state-change-outbox.ts'

const given = () => {
  const clock = createManualClock()
  const sent: BerthStateChanges[] = []
  const acknowledged: string[] = []
  let stuck = 0
  let nextId = 1
  const outbox = new StateChangeOutbox({
    clock,
    newId: () => `m${nextId++}`,
    send: message => sent.push(message) > 0,
    stuck: () => void stuck++,
  })
  return {
    clock,
    outbox,
    sent,
    acknowledged,
    stuck: () => stuck,
    enqueue: (...arns: string[]) => {
      for (const taskArn of arns)
        outbox.enqueue({ taskArn, containers: [] }, () => void acknowledged.push(taskArn))
    },
    batches: () => sent.map(({ changes }) => changes.map(({ taskArn }) => taskArn).join()),
  }
}

describe('the outbox of state changes', () => {
  it('sends nothing before a session is ready', async () => {
    const { clock, enqueue, outbox, batches } = given()
    enqueue('a', 'b')
    await clock.advance(1_000)
    expect(batches()).toEqual([])
    outbox.attach()
    await clock.advance(0)
    expect(batches()).toEqual(['a,b'])
  })

  it('sends the first change at once, and gathers those that follow closely', async () => {
    const { clock, enqueue, outbox, batches } = given()
    outbox.attach()
    enqueue('a')
    await clock.advance(0)
    enqueue('b')
    await clock.advance(2)
    enqueue('c')
    await clock.advance(2)
    expect(batches()).toEqual(['a'])
    await clock.advance(1)
    expect(batches()).toEqual(['a', 'b,c'])
  })

  it('keeps every change until it is acknowledged, and sends them again in the same order', async () => {
    const { clock, enqueue, outbox, batches, acknowledged, sent } = given()
    outbox.attach()
    enqueue('a')
    await clock.advance(5)
    enqueue('b')
    await clock.advance(5)
    enqueue('c')
    await clock.advance(5)
    outbox.acknowledge(sent[1]?.messageId ?? '')
    expect(acknowledged).toEqual(['b'])
    enqueue('d')
    outbox.detach()
    outbox.attach()
    await clock.advance(5)
    expect(batches()).toEqual(['a', 'b', 'c', 'a,c,d'])
    outbox.acknowledge(sent[3]?.messageId ?? '')
    outbox.acknowledge(sent[3]?.messageId ?? '')
    expect(acknowledged).toEqual(['b', 'a', 'c', 'd'])
    expect(outbox.size).toBe(0)
  })

  it('splits what is too much for one message', async () => {
    const { clock, enqueue, outbox, sent } = given()
    outbox.attach()
    enqueue(...Array.from({ length: 450 }, (_, index) => String(index)))
    await clock.advance(20)
    expect(sent.map(({ changes }) => changes.length)).toEqual([200, 200, 50])
  })

  it('asks for a new session when an acknowledgement does not come', async () => {
    const { clock, enqueue, outbox, stuck } = given()
    outbox.attach()
    enqueue('a')
    await clock.advance(59_999)
    expect(stuck()).toBe(0)
    await clock.advance(1)
    expect(stuck()).toBe(1)
  })
})
