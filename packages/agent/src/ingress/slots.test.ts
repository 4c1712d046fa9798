import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nowhere, type Slot } from './configuration/backend.ts'
import { groupFact, targetFact } from './ingress-fixtures.ts'
import { placeTargets, slotCommands, withRoom } from './slots.ts'

const group = groupFact('blue')
const section = 'targetgroup.blue.73e2d6bc24d8a067'

const placed = (slots: readonly Slot[], targets: Parameters<typeof placeTargets>[1]) =>
  placeTargets(withRoom(slots, targets), targets)

/** What HAProxy makes of commands: the address and state of each server. */
const obey = (servers: Map<string, { address: string; state: string }>, commands: readonly string[]) => {
  for (const command of commands) {
    const [, address] = /addr (\S+ port \d+)$/.exec(command) ?? []
    const [, state] = /state (\w+)$/.exec(command) ?? []
    const [, name] = /server (\S+)/.exec(command) ?? []
    const server = servers.get(name ?? '') ?? { address: '', state: 'maint' }
    servers.set(name ?? '', { address: address ?? server.address, state: state ?? server.state })
  }
}

const targetsOf = fc.uniqueArray(
  fc.record({ port: fc.integer({ min: 1, max: 12 }), isInVpc: fc.boolean(), isDraining: fc.boolean() }),
  { selector: ({ port, isInVpc }) => `${port} ${isInVpc}`, maxLength: 10 },
)

describe('the slots of a target group', () => {
  it('have every target once, where it was before, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(targetsOf, { maxLength: 8 }), rounds => {
        let slots: readonly Slot[] = []
        const servers = new Map<string, { address: string; state: string }>()
        for (const round of rounds) {
          const targets = round.map(({ port, ...rest }) => targetFact('blue', port, rest))
          const plan = placed(slots, targets)
          const held = plan.slots.flatMap(({ isInVpc, target }) =>
            target ? [{ port: target.port, isInVpc, isDraining: target.isDraining }] : [],
          )
          const order = (list: readonly object[]) => list.map(item => JSON.stringify(item)).toSorted()
          expect(order(held)).toEqual(order(round))
          for (const before of slots) {
            const after = plan.slots.find(({ name }) => name === before.name)
            const stays = round.some(
              ({ port, isInVpc }) => port === before.target?.port && isInVpc === before.isInVpc,
            )
            if (stays) expect(after?.target?.port).toBe(before.target?.port)
          }
          obey(
            servers,
            plan.changes.flatMap(change => slotCommands(group, change)),
          )
          for (const { name, target } of plan.slots) {
            const { address, port } = target ?? nowhere
            const server = servers.get(`${section}/${name}`)
            if (server) expect(server.address).toBe(`${address} port ${port}`)
            if (server) expect(server.state).toBe(target && !target.isDraining ? 'ready' : 'maint')
          }
          slots = plan.slots
        }
      }),
    )
  })

  it('take a target that has to prove itself, in both sections', () => {
    const { changes } = placed([], [targetFact('blue', 80)])
    expect(changes.flatMap(change => slotCommands(group, change))).toEqual([
      `set server ${section}/host1 addr 127.0.0.1 port 80`,
      `set server ${section}.open/host1 addr 127.0.0.1 port 80`,
      `set server ${section}/host1 state ready`,
      `set server ${section}.open/host1 state ready`,
      `set server ${section}/host1 health down`,
    ])
  })

  it('leave connections of TCP to a target that drains, and cut them when it is gone', () => {
    const tcp = groupFact('blue', { protocol: 'TCP' })
    const { slots } = placed([], [targetFact('blue', 80)])
    const draining = placed(slots, [targetFact('blue', 80, { isDraining: true })])
    expect(draining.changes.flatMap(change => slotCommands(tcp, change))).toEqual([
      `set server ${section}/host1 state drain`,
      `set server ${section}.open/host1 state drain`,
    ])
    const gone = placed(draining.slots, [])
    expect(gone.changes.flatMap(change => slotCommands(tcp, change))).toEqual([
      `set server ${section}/host1 state maint`,
      `set server ${section}.open/host1 state maint`,
      `shutdown sessions server ${section}/host1`,
      `shutdown sessions server ${section}.open/host1`,
      `set server ${section}/host1 addr 127.0.0.1 port 9`,
      `set server ${section}.open/host1 addr 127.0.0.1 port 9`,
    ])
  })

  it('are more than are needed, and grow only when there are too few', () => {
    const targets = (count: number) =>
      Array.from({ length: count }, (_, port) => targetFact('blue', port + 1))
    const counts = [1, 4, 5, 8, 2, 9].reduce<{ slots: readonly Slot[]; counts: number[] }>(
      ({ slots, counts }, count) => {
        const next = placed(slots, targets(count)).slots
        return { slots: next, counts: [...counts, next.length] }
      },
      { slots: [], counts: [] },
    )
    expect(counts.counts).toEqual([4, 4, 8, 8, 8, 16])
  })
})
