import { slotCount } from './haproxy.ts'

/** Which target (`host:port`) each of HAProxy's slots has; undefined: free. */
export type Slots = readonly (string | undefined)[]

export const emptySlots: Slots = Array.from({ length: slotCount }, () => undefined)

export interface Change {
  readonly slots: Slots
  /** For HAProxy's runtime API, additions before removals, so that there is always someone to answer. */
  readonly commands: readonly string[]
}

const serverOf = (slot: number): string => `sample/slot${slot + 1}`

/** What brings the slots to these targets. Targets beyond the number of slots wait for a free one. */
export const forwardTo = (slots: Slots, targets: readonly string[]): Change => {
  const wanted = new Set(targets)
  const held = new Set(slots.filter(target => target !== undefined))
  const newcomers = targets.filter(target => !held.has(target))
  const next = [...slots]
  const additions: string[] = []
  for (const [slot, target] of slots.entries()) {
    if (target !== undefined) continue
    const newcomer = newcomers.shift()
    if (newcomer === undefined) break
    const [address, port] = newcomer.split(':')
    next[slot] = newcomer
    additions.push(
      `set server ${serverOf(slot)} addr ${address} port ${port}`,
      `set server ${serverOf(slot)} state ready`,
    )
  }
  const removals: string[] = []
  for (const [slot, target] of slots.entries()) {
    if (target === undefined || wanted.has(target)) continue
    next[slot] = undefined
    removals.push(`set server ${serverOf(slot)} state maint`)
  }
  return { slots: next, commands: [...additions, ...removals] }
}
