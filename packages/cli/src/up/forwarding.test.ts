import { expect, it } from 'vitest'
import { emptySlots, forwardTo } from './forwarding.ts'
import { slotCount } from './haproxy.ts'

it('gives each target a slot, and keeps the slots of those that stay', () => {
  const first = forwardTo(emptySlots, ['127.0.0.1:1', '127.0.0.1:2'])
  expect(first.commands).toEqual([
    'set server sample/slot1 addr 127.0.0.1 port 1',
    'set server sample/slot1 state ready',
    'set server sample/slot2 addr 127.0.0.1 port 2',
    'set server sample/slot2 state ready',
  ])
  const second = forwardTo(first.slots, ['127.0.0.1:2', '127.0.0.1:3'])
  expect(second.commands).toEqual([
    'set server sample/slot3 addr 127.0.0.1 port 3',
    'set server sample/slot3 state ready',
    'set server sample/slot1 state maint',
  ])
  expect(second.slots.slice(0, 4)).toEqual([undefined, '127.0.0.1:2', '127.0.0.1:3', undefined])
  expect(forwardTo(second.slots, ['127.0.0.1:3', '127.0.0.1:2']).commands).toEqual([])
})

it('leaves targets out that have no slot, until one is free', () => {
  const targets = Array.from({ length: slotCount + 1 }, (_, index) => `127.0.0.1:${index + 1}`)
  const full = forwardTo(emptySlots, targets)
  expect(full.slots).not.toContain(targets.at(-1))
  const removed = forwardTo(full.slots, targets.slice(1))
  expect(forwardTo(removed.slots, targets.slice(1)).slots).toContain(targets.at(-1))
})
