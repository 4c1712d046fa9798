import type { NetworkFact } from '@berth/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyView, viewAfter } from './vpc-view.ts'

const member = (groupId: string, address: string): NetworkFact => ({
  key: `member/${groupId}/${address}`,
  kind: 'member',
  groupId,
  address,
})
const address = (vpcId: string, at: string, hostArn: string): NetworkFact => ({
  key: `address/${vpcId}/${at}`,
  kind: 'address',
  vpcId,
  address: at,
  macAddress: '02:00:00:00:00:01',
  hostArn,
})
const facts = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', '3')).map(([group, at]) => member(group, at)),
  fc
    .tuple(fc.constantFrom('v', 'w'), fc.constantFrom('1', '2'), fc.constantFrom('h', 'i'))
    .map(([vpc, at, host]) => address(vpc, at, host)),
)

test('change after change is the same as all at once', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ changed: fc.array(facts), removes: fc.boolean() })), steps => {
      const table = new Map<string, NetworkFact>()
      let view = emptyView
      for (const { changed, removes } of steps) {
        const gone = removes ? changed.flatMap(({ key }) => table.get(key) ?? []) : []
        for (const { key } of gone) table.delete(key)
        if (!removes) for (const fact of changed) table.set(fact.key, fact)
        view = viewAfter(view, { changed: removes ? [] : changed, gone })
      }
      expect(view).toEqual(viewAfter(emptyView, { changed: [...table.values()], gone: [] }))
    }),
  )
})

test('what did not change is the same object', () => {
  const before = viewAfter(emptyView, { changed: [member('a', '1'), member('b', '1')], gone: [] })
  const after = viewAfter(before, { changed: [member('a', '2')], gone: [] })
  expect(after.members.get('b')).toBe(before.members.get('b'))
  expect(after.addresses).toBe(before.addresses)
  expect([...(before.members.get('a') ?? [])]).toEqual(['1'])
})
