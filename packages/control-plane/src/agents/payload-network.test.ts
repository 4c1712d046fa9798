import { expect, test } from 'vitest'
import { subnets, vpcs } from '../services/ec2/index.ts'
import { given, scope } from '../services/ecs/fixtures/rows.ts'
import { tasks } from '../services/ecs/tables/index.ts'
import { openGateway, settle } from './gateway-fixture.ts'

test('A task of the network mode awsvpc is told once it has its interface, with all that its agent needs of it', async () => {
  const { connect, store } = await openGateway({})
  const waiting = given.task(1, {
    lastStatus: 'PROVISIONING',
    networkInterface: {
      attachmentId: 'attachment-1',
      subnetId: 'subnet-1',
      securityGroupIds: [],
      status: 'PRECREATED',
    },
  })
  store.update(tx => {
    tx.put(tasks, waiting)
    const ec2Arn = `arn:aws:ec2:${scope.region}:${scope.accountId}`
    const zone = { availabilityZone: 'a', isDefaultForZone: false, mapPublicIpOnLaunch: false }
    const names = { hostnameType: 'ip-name', resourceNameARecord: false, tags: [] } as const
    const block = { vpcId: 'vpc-1', cidr: '10.0.1.0/24' }
    tx.put(subnets, { id: `${ec2Arn}:subnet/subnet-1`, ...block, ...zone, ...names })
    tx.put(vpcs, {
      id: `${ec2Arn}:vpc/vpc-1`,
      blocks: [{ associationId: 'vpc-cidr-assoc-1', cidr: '10.0.0.0/16' }],
      isDefault: false,
      enableDnsSupport: true,
      enableDnsHostnames: false,
      tags: [],
    })
  })
  const agent = connect()
  await settle()
  expect(agent.told).toEqual([])
  const created = {
    networkInterfaceId: 'eni-1',
    macAddress: '02:00:00:00:00:01',
    privateIpv4Address: '10.0.1.4',
    ipv6Address: 'fd00:0:0:1::4',
    privateDnsName: 'ip-10-0-1-4.eu-central-1.compute.internal',
  }
  store.update(tx =>
    tx.put(tasks, {
      ...waiting,
      networkInterface: { ...waiting.networkInterface!, status: 'CREATED', created },
    }),
  )
  await settle()
  expect(agent.told).toEqual(['RUNNING 1'])
  expect(agent.payloads[0]?.tasks[0]?.elasticNetworkInterfaces).toEqual([
    {
      name: 'eth0',
      index: 0,
      ec2Id: 'eni-1',
      attachmentArn: 'arn:aws:ecs:eu-central-1:123456789012:attachment/attachment-1',
      macAddress: '02:00:00:00:00:01',
      ipv4Addresses: [{ privateAddress: '10.0.1.4', primary: true }],
      ipv6Addresses: [{ address: 'fd00:0:0:1::4', primary: true }],
      subnetGatewayIpv4Address: '10.0.1.1/24',
      subnetGatewayIpv6Address: 'fe80::1/64',
      privateDnsName: 'ip-10-0-1-4.eu-central-1.compute.internal',
      domainName: ['eu-central-1.compute.internal'],
      domainNameServers: ['10.0.0.2'],
    },
  ])
})
