import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryJournal } from '../../../journals/memory-journal.ts'
import { createStore } from '../../../store/journaled-store.ts'
import { ec2Service } from '../index.ts'
import { type NetworkInterfaceRow, networkInterfaces, subnets } from '../tables/index.ts'
import { makeSubnet, makeVpc } from './default-network.ts'
import { giveIpv6Addresses, nextIpv6Address } from './give-ipv6-address.ts'
import { parseIpv6 } from './ipv6.ts'
import { arnOf, idOf, networkInterfaceKind } from './kinds.ts'
import { nextProvidedBlock } from './provided-ipv6-blocks.ts'

const scope = { accountId: '123456789012', region: 'eu-central-1' }

const open = async () => {
  const store = createStore({ tables: ec2Service.tables, histories: [], journal: createMemoryJournal() })
  await store.load()
  let count = 0
  const randomHex = (bytes: number) => (++count).toString(16).padStart(bytes * 2, '0')
  const subnet = store.update(tx => {
    const maker = { scope, randomHex }
    const vpc = makeVpc(tx, maker, { cidr: '10.0.0.0/16', isDefault: false, routes: [], tags: [] })
    return makeSubnet(tx, maker, {
      ...{ vpcId: idOf(vpc), cidr: '10.0.1.0/24', ipv6Cidr: 'fd00:0:0:1::/64', tags: [] },
      ...{ availabilityZone: 'a', isDefaultForZone: false, mapPublicIpOnLaunch: false },
    })
  })
  const rowOf = (n: number, ipv6Addresses: readonly string[]): NetworkInterfaceRow => ({
    id: arnOf(networkInterfaceKind, scope, `eni-${n}`),
    ...{ vpcId: subnet.vpcId, subnetId: idOf(subnet), availabilityZone: 'a', description: '', tags: [] },
    ...{ interfaceType: 'interface', macAddress: '', privateIps: [], groupIds: [], sourceDestCheck: true },
    ipv6Addresses,
  })
  const take = (n: number, wanted: readonly string[], more: number): readonly string[] =>
    store.update(tx => {
      const given = giveIpv6Addresses(tx, { scope }, tx.get(subnets, subnet.id)!, wanted, more)
      tx.put(networkInterfaces, rowOf(n, given))
      return given
    })
  const leave = (n: number) => store.update(tx => tx.delete(networkInterfaces, rowOf(n, []).id))
  return { store, subnet, take, leave }
}

it('gives no address twice, whatever is chosen, taken and left in whatever order', async () => {
  const steps = fc.array(
    fc.record({
      n: fc.nat({ max: 5 }),
      leaves: fc.boolean(),
      wanted: fc.option(fc.integer({ min: 4, max: 20 })),
      more: fc.nat({ max: 3 }),
    }),
    { maxLength: 30 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async plan => {
      const { store, take, leave } = await open()
      const holding = new Map<number, readonly string[]>()
      const chosenByItself = new Set<string>()
      for (const { n, leaves, wanted, more } of plan) {
        if (leaves || holding.has(n)) {
          if (holding.delete(n)) leave(n)
          continue
        }
        const text = wanted === null ? undefined : `fd00:0:0:1::${wanted.toString(16)}`
        const isTaken = text !== undefined && [...holding.values()].flat().includes(text)
        if (isTaken) expect(() => take(n, [text], 0)).toThrow('is in use')
        else {
          const given = take(n, text === undefined ? [] : [text], text === undefined ? more : 0)
          expect(given).toHaveLength(text === undefined ? more : 1)
          holding.set(n, given)
          if (text === undefined)
            for (const address of given) {
              expect(chosenByItself.has(address)).toBe(false)
              chosenByItself.add(address)
            }
        }
        const held = [...store.all(networkInterfaces)].flatMap(row => row.ipv6Addresses ?? [])
        expect(new Set(held).size).toBe(held.length)
        for (const address of held) expect(parseIpv6(address)! & 0xffffffffffffffffn).toBeGreaterThan(3n)
      }
    }),
    { numRuns: 100 },
  )
})

it('goes on behind what was given last, past what somebody has chosen', async () => {
  const { store, subnet, take } = await open()
  expect(take(1, [], 2)).toEqual(['fd00:0:0:1::4', 'fd00:0:0:1::5'])
  take(2, ['fd00:0:0:1::6', 'fd00:0:0:1::7'], 0)
  expect(nextIpv6Address(store, scope, store.get(subnets, subnet.id)!)).toBe('fd00:0:0:1::8')
  expect(nextIpv6Address(store, scope, { ...subnet, ipv6Block: undefined })).toBeUndefined()
})

it('has other blocks for each account and region, the same ones on every server', async () => {
  const { store } = await open()
  const first = nextProvidedBlock(store, scope, {})
  expect(first).toBe(nextProvidedBlock(store, { ...scope }, {}))
  expect(first).not.toBe(nextProvidedBlock(store, { ...scope, region: 'us-east-1' }, {}))
  expect(first).not.toBe(nextProvidedBlock(store, { ...scope, accountId: '000000000000' }, {}))
  expect(first).toMatch(/^fd.*::\/56$/)
})
