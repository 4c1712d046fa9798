import { EC2 } from '@aws-sdk/client-ec2'
import { clusterArn, containerInstanceArn, scopeKey } from '@berth/model'
import { beforeEach, describe, expect, it } from 'vitest'
import { createEc2Service } from '../../../packages/control-plane/src/services/ec2/index.ts'
import { given } from '../../../packages/control-plane/src/services/ecs/fixtures/rows.ts'
import { ecsTables, hostInstances } from '../../../packages/control-plane/src/services/ecs/index.ts'
import {
  type ContainerInstanceRow,
  clusters,
  containerInstances,
} from '../../../packages/control-plane/src/services/ecs/tables/index.ts'
import { accountId, region, ServiceEndpoint } from '../service-endpoint.ts'
import { refusal } from './network-calls.ts'

const scope = { accountId, region }
const idOf = (n: number): string => `mi-${String(n).repeat(17)}`

const host = (n: number, change: Partial<ContainerInstanceRow> = {}): ContainerInstanceRow => ({
  ...given.instance(n),
  id: containerInstanceArn(scope, 'default', String(n).repeat(32)),
  clusterArn: clusterArn(scope, 'default'),
  ec2InstanceId: idOf(n),
  attributes: [
    { name: 'ecs.availability-zone', value: `${region}a` },
    { name: 'ecs.cpu-architecture', value: 'x86_64' },
    { name: 'berth.underlay-address', value: `192.0.2.${n}` },
  ],
  ...change,
})

let ec2: EC2
beforeEach(async () => {
  const service = createEc2Service({ instances: hostInstances })
  const berth = new ServiceEndpoint([
    { ...service, tables: [...new Set([...service.tables, ...ecsTables.tables])] },
  ])
  await berth.store.load()
  berth.store.update(tx => {
    tx.put(clusters, { ...given.cluster, id: clusterArn(scope, 'default'), scope: scopeKey(scope) })
    tx.put(containerInstances, host(1, { tags: [{ key: 'team', value: 'red' }] }))
    tx.put(containerInstances, host(2, { lostAt: 1, agentConnected: false, attributes: [] }))
    tx.put(containerInstances, host(3, { status: 'INACTIVE' }))
  })
  ec2 = new EC2(berth.clientOptions())
})

const idsBy = async (Name: string, value: string) => {
  const { Reservations } = await ec2.describeInstances({ Filters: [{ Name, Values: [value] }] })
  return Reservations?.flatMap(({ Instances }) => Instances?.map(({ InstanceId }) => InstanceId))
}

describe('Instances', () => {
  it('are the hosts, under the ids that container instances name, a reservation each', async () => {
    const { Reservations } = await ec2.describeInstances({})
    expect(Reservations).toEqual([
      {
        ReservationId: `r-${'1'.repeat(17)}`,
        OwnerId: accountId,
        Groups: [],
        Instances: [
          {
            InstanceId: idOf(1),
            State: { Code: 16, Name: 'running' },
            Placement: { AvailabilityZone: 'us-east-1a', Tenancy: 'default' },
            PrivateIpAddress: '192.0.2.1',
            PrivateDnsName: 'ip-192-0-2-1.ec2.internal',
            Architecture: 'x86_64',
            LaunchTime: expect.any(Date),
            AmiLaunchIndex: 0,
            BlockDeviceMappings: [],
            NetworkInterfaces: [],
            SecurityGroups: [],
            Tags: [{ Key: 'team', Value: 'red' }],
          },
        ],
      },
      {
        ...{ ReservationId: `r-${'2'.repeat(17)}`, OwnerId: accountId, Groups: [] },
        Instances: [expect.objectContaining({ InstanceId: idOf(2), State: { Code: 80, Name: 'stopped' } })],
      },
    ])
  })

  it('are asked for by id, and refused when there is none', async () => {
    const { Reservations } = await ec2.describeInstances({ InstanceIds: [idOf(2)] })
    expect(Reservations).toMatchObject([{ Instances: [{ InstanceId: idOf(2) }] }])
    const gone = ec2.describeInstances({ InstanceIds: [idOf(3)] })
    expect(await refusal(gone)).toBe(
      `InvalidInstanceID.NotFound: The instance ID '${idOf(3)}' does not exist`,
    )
    expect(await refusal(ec2.describeInstances({ InstanceIds: ['mine'] }))).toMatch(
      /^InvalidInstanceID.Malformed: /,
    )
  })

  it.each([
    ['architecture', 'x86_64'],
    ['availability-zone', 'us-east-1a'],
    ['instance-id', idOf(1)],
    ['instance-state-code', '16'],
    ['instance-state-name', 'running'],
    ['private-dns-name', 'ip-192-*'],
    ['private-ip-address', '192.0.2.1'],
    ['reservation-id', `r-${'1'.repeat(17)}`],
    ['tag:team', 'r*'],
    ['tag-key', 'team'],
  ])('take the filter %s', async (name, value) => {
    expect(await idsBy(name, value)).toEqual([idOf(1)])
    expect(await idsBy(name, 'something else')).toEqual([])
  })

  it('come in pages', async () => {
    expect(await idsBy('owner-id', accountId)).toHaveLength(2)
    expect(await idsBy('tenancy', 'default')).toHaveLength(2)
    expect(await idsBy('launch-time', '20*')).toHaveLength(2)
    const { Reservations, NextToken } = await ec2.describeInstances({ MaxResults: 5 })
    expect([Reservations?.length, NextToken]).toEqual([2, undefined])
  })
})
