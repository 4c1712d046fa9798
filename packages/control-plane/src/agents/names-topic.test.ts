import { expect, it } from 'vitest'
import { ManualClock } from '../control-loop/manual-clock.ts'
import { createMemoryJournal } from '../journals/memory-journal.ts'
import { type NetworkInterfaceRow, networkInterfaces } from '../services/ec2/index.ts'
import { type LoadBalancerRow, loadBalancers } from '../services/elbv2/index.ts'
import { createStore } from '../store/journaled-store.ts'
import type { Change } from '../store/view.ts'
import { namesTopic } from './names-topic.ts'

const host = 'arn:aws:ecs:us-east-1:000000000000:container-instance/default/abc'

const row = (name: string, frontAddress?: string, accountId = '000000000000'): LoadBalancerRow => ({
  id: `arn:aws:elasticloadbalancing:us-east-1:${accountId}:loadbalancer/app/${name}/0123456789abcdef`,
  name,
  type: 'application',
  scheme: 'internet-facing',
  ipAddressType: 'ipv4',
  vpcId: 'vpc-1',
  dnsName: `${name}-1234567890.us-east-1.elb.berth.internal`,
  zones: [],
  securityGroupIds: [],
  attributes: {},
  createdAt: 0,
  tags: [],
  state: { code: frontAddress ? 'active' : 'provisioning' },
  ...(frontAddress && { carried: { frontAddress, interfaceIds: [] } }),
})

const open = async () => {
  const store = createStore({
    tables: [loadBalancers, networkInterfaces],
    histories: [],
    journal: createMemoryJournal(),
    clock: new ManualClock(0),
  })
  await store.load()
  const changes: Change[] = []
  store.watch(commit => changes.push(...commit.changes))
  const put = (...rows: LoadBalancerRow[]) =>
    store.update(tx => {
      for (const one of rows) tx.put(loadBalancers, one)
    })
  const [audience = ''] = namesTopic.audiencesOf(store, host)
  const pages = () => {
    const found = []
    let from: string | undefined
    do {
      const page = namesTopic.pageOf(store, audience, from)
      found.push(page.facts.map(({ key, values }) => `${key} ${values}`))
      from = page.next
    } while (from !== undefined)
    return found
  }
  return { store, changes, put, audience, pages }
}

it('names the load balancers of the account that have an address, in lower case', async () => {
  const { put, pages } = await open()
  put(row('Web', '127.10.0.1'), row('early'), row('other', '127.10.0.2', '111111111111'))
  expect(pages()).toEqual([
    ['name/berth.internal/ZONE ', 'name/web-1234567890.us-east-1.elb.berth.internal/A 127.10.0.1'],
  ])
})

it('names, in its VPC, the address that a load balancer has there', async () => {
  const { store, put, audience } = await open()
  const web = {
    ...row('web', '127.10.0.1'),
    carried: { frontAddress: '127.10.0.1', interfaceIds: ['eni-1'] },
  }
  const own: NetworkInterfaceRow = {
    id: 'arn:aws:ec2:us-east-1:000000000000:network-interface/eni-1',
    vpcId: 'vpc-1',
    subnetId: 'subnet-1',
    availabilityZone: 'us-east-1a',
    description: '',
    interfaceType: 'interface',
    macAddress: '02:00:00:00:00:01',
    privateIps: ['10.0.0.4'],
    groupIds: [],
    sourceDestCheck: true,
    holder: { kind: 'load-balancer', loadBalancerArn: web.id },
    tags: [],
  }
  store.update(tx => tx.put(networkInterfaces, own))
  put(web)
  const key = `name/${web.dnsName}/A/vpc-1`
  expect(namesTopic.pageOf(store, audience, undefined).facts.slice(1)).toMatchObject([
    { values: ['127.10.0.1'] },
    { key, values: ['10.0.0.4'], vpcIds: ['vpc-1'] },
  ])
  expect(namesTopic.factOf(store, audience, key)).toMatchObject({ values: ['10.0.0.4'] })
})

it('names many of them in several pages', async () => {
  const { put, pages } = await open()
  put(...Array.from({ length: 450 }, (_, index) => row(`lb${index}`, `127.10.1.${index}`)))
  expect(pages().map(({ length }) => length)).toEqual([201, 200, 50])
  expect(new Set(pages().flat())).toHaveLength(451)
})

it('says of each change which name it may have altered, and what that is now', async () => {
  const { store, put, changes, audience } = await open()
  put(row('Web'))
  put(row('Web', '127.10.0.1'))
  const key = 'name/web-1234567890.us-east-1.elb.berth.internal/A'
  expect(changes.flatMap(change => [...namesTopic.touched(change, store)])).toEqual(
    Array(3)
      .fill([
        { audience, key },
        { audience, key: `${key}/vpc-1` },
      ])
      .flat(),
  )
  expect(namesTopic.factOf(store, audience, key)).toMatchObject({ key, ttl: 60, values: ['127.10.0.1'] })
  store.update(tx => tx.delete(loadBalancers, row('Web').id))
  expect(namesTopic.factOf(store, audience, key)).toBeUndefined()
  expect(namesTopic.factOf(store, audience, 'name/berth.internal/ZONE')).toMatchObject({ type: 'ZONE' })
})
