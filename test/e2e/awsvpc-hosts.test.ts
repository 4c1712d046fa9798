/** Networks of VPCs across hosts, through the official clients alone. */
import {
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import type { Task } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, eventually } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { LocalHosts } from './local-hosts.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const serve = (text: string): string =>
  `trap exit TERM; while :; do echo ${text} | nc -l -p 80 >/dev/null & wait $!; done`

describe('tasks of awsvpc mode on several hosts', () => {
  let berth: Berth
  let tasks: Tasks
  let hosts: LocalHosts
  let ec2: EC2Client
  let subnets: Map<string, string>
  let vpcId: string

  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.startAlone({ server: { BERTH_AGENT_START_GRACE_MS: '0' } })
    tasks = new Tasks(berth)
    hosts = new LocalHosts(berth)
    ec2 = new EC2Client(berth.clientSettings)
    await hosts.run('add', '2', '--local', '--zone', 'a', '--zone', 'b', '--image', busybox)
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
    subnets = new Map(Subnets.map(({ AvailabilityZone = '', SubnetId = '' }) => [AvailabilityZone, SubnetId]))
    vpcId = Subnets[0]?.VpcId ?? ''
  })
  afterAll(async () => {
    try {
      await hosts?.removeAll()
      expect(await hosts?.left()).toEqual([])
    } finally {
      ec2?.destroy()
      await berth?.stop()
    }
  })

  const group = async (name: string): Promise<string> => {
    const made = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: name, Description: name, VpcId: vpcId }),
    )
    return made.GroupId ?? ''
  }
  const rule = (port: number, from: string) => [
    { IpProtocol: 'tcp', FromPort: port, ToPort: port, UserIdGroupPairs: [{ GroupId: from }] },
  ]
  const detail = (task: Task, name: string): string =>
    task.attachments?.[0]?.details?.find(each => each.name === name)?.value ?? ''

  /** A running task in the subnet of a zone, and how to run something in it. */
  const start = async (zone: string, groups: readonly string[], script: string) => {
    const definition = await tasks.define([{ script }], { networkMode: 'awsvpc' })
    const arn = await tasks.run(definition, {
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [subnets.get(zone) ?? ''], securityGroups: [...groups] },
      },
    })
    const task = await tasks.running(arn)
    const list = await hosts.list()
    const host = list.find(({ containerInstanceArn }) => containerInstanceArn === task.containerInstanceArn)
    const name = host?.name ?? ''
    return {
      arn,
      task,
      host: name,
      address: detail(task, 'privateIPv4Address'),
      run: (command: string) => hosts.docker(name, 'exec', runtimeIdOf(task), 'sh', '-c', command),
    }
  }
  type Started = Awaited<ReturnType<typeof start>>
  const ask = (from: Started, to: Started, address = to.address): Promise<string> =>
    from.run(`timeout 1 nc -w 1 ${address} 80 </dev/null`).catch(() => '')

  it('reach each other directly, as security groups say, which may change while they run', async () => {
    const clients = await group('clients')
    const servers = await group('servers')
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: servers, IpPermissions: rule(80, clients) }),
    )
    const server = await start('us-east-1a', [servers], serve('served'))
    const client = await start('us-east-1b', [clients], untilStopped)
    const neighbour = await start('us-east-1a', [clients], untilStopped)
    expect([server.host, client.host, neighbour.host]).toEqual(['host-1', 'host-2', 'host-1'])
    await eventually('it is served across hosts', async () => (await ask(client, server)) === 'served')
    await eventually('it is served on the host', async () => (await ask(neighbour, server)) === 'served')
    await ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: servers, IpPermissions: rule(80, clients) }),
    )
    await eventually('nobody is served', async () =>
      (await Promise.all([ask(client, server), ask(neighbour, server)])).every(answer => answer === ''),
    )
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: servers, IpPermissions: rule(80, clients) }),
    )
    await eventually('it is served again', async () => (await ask(client, server)) === 'served')
    for (const { arn } of [server, client, neighbour]) await tasks.stop(arn)
    for (const { arn } of [server, client, neighbour]) await tasks.reached(arn, 'STOPPED')
  })

  it('have the attachment and the interface that ECS and EC2 show', async () => {
    const { arn, task, address, run } = await start('us-east-1a', [await group('shown')], untilStopped)
    expect(task.attachments?.[0]).toMatchObject({ type: 'ElasticNetworkInterface', status: 'ATTACHED' })
    expect(task.containers?.[0]?.networkInterfaces?.[0]).toMatchObject({ privateIpv4Address: address })
    const id = detail(task, 'networkInterfaceId')
    const { NetworkInterfaces } = await ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }),
    )
    expect(NetworkInterfaces?.[0]).toMatchObject({ Status: 'in-use', PrivateIpAddress: address })
    expect(await run('cat /sys/class/net/eth0/address')).toBe(NetworkInterfaces?.[0]?.MacAddress)
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
    await eventually('the interface is gone', async () => {
      const { NetworkInterfaces: left = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}))
      return left.every(({ NetworkInterfaceId }) => NetworkInterfaceId !== id)
    })
  })

  it('keep their addresses while the agent or the engine of their host is killed', async () => {
    const open = await group('open')
    const everybody = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: open, IpPermissions: everybody }))
    const server = await start('us-east-1a', [open], serve('there'))
    const client = await start('us-east-1b', [open], untilStopped)
    await eventually('it is served', async () => (await ask(client, server)) === 'there')
    for (const program of ['agent', 'dockerd']) {
      process.kill(await hosts.pid('host-1', program), 'SIGKILL')
      expect(await ask(client, server)).toBe('there')
      await hosts.connected('host-1')
      expect(await ask(client, server)).toBe('there')
      expect(detail(await tasks.describe(server.arn), 'privateIPv4Address')).toBe(server.address)
    }
    for (const { arn } of [server, client]) await tasks.stop(arn)
    for (const { arn } of [server, client]) await tasks.reached(arn, 'STOPPED')
  })

  it('of a host that lost its power leave nothing there, and new ones reach the others from it', async () => {
    const open = await group('after-power-cut')
    const everybody = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: open, IpPermissions: everybody }))
    const server = await start('us-east-1b', [open], serve('still there'))
    const lost = await start('us-east-1a', [open], untilStopped)
    await eventually('it is served', async () => (await ask(lost, server)) === 'still there')
    await hosts.run('kill', 'host-1')
    await hosts.run('restart', 'host-1')
    await hosts.connected('host-1')
    await tasks.reached(lost.arn, 'STOPPED', 60_000)
    const next = await start('us-east-1a', [open], untilStopped)
    expect(next.host).toBe('host-1')
    await eventually('it is served again', async () => (await ask(next, server)) === 'still there')
    for (const { arn } of [server, next]) await tasks.stop(arn)
    for (const { arn } of [server, next]) await tasks.reached(arn, 'STOPPED')
    await eventually('every interface is given back', async () => {
      const { NetworkInterfaces: left = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}))
      return left.length === 0
    })
  })

  it('have addresses of both families in subnets with IPv6, by which they reach each other as their groups say', async () => {
    const { Ipv6CidrBlockAssociation } = await ec2.send(
      new AssociateVpcCidrBlockCommand({ VpcId: vpcId, AmazonProvidedIpv6CidrBlock: true }),
    )
    const block = Ipv6CidrBlockAssociation?.Ipv6CidrBlock ?? ''
    for (const [index, zone] of ['us-east-1a', 'us-east-1b'].entries())
      await ec2.send(
        new AssociateSubnetCidrBlockCommand({
          SubnetId: subnets.get(zone),
          Ipv6CidrBlock: block.replace('::/56', `:${index + 1}::/64`),
        }),
      )
    const clients = await group('clients of both families')
    const servers = await group('servers of both families')
    const server = await start('us-east-1a', [servers], serve('served'))
    const client = await start('us-east-1b', [clients], untilStopped)
    const neighbour = await start('us-east-1a', [clients], untilStopped)
    expect([server.host, client.host, neighbour.host]).toEqual(['host-1', 'host-2', 'host-1'])
    const ipv6Address = server.task.containers?.[0]?.networkInterfaces?.[0]?.ipv6Address ?? ''
    expect(await server.run('ip -6 addr show eth0')).toContain(`${ipv6Address}/128`)
    const asks = async (from: Started) => [await ask(from, server), await ask(from, server, ipv6Address)]
    expect(await asks(client)).toEqual(['', ''])
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: servers, IpPermissions: rule(80, clients) }),
    )
    for (const from of [client, neighbour])
      await eventually('it is served by both', async () => (await asks(from)).join() === 'served,served')
    await ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: servers, IpPermissions: rule(80, clients) }),
    )
    await eventually('it is served by none', async () => (await asks(client)).join() === ',')
    const ofIpv6 = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, Ipv6Ranges: [{ CidrIpv6: block }] }]
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: servers, IpPermissions: ofIpv6 }))
    await eventually('it is served by IPv6 alone', async () => (await asks(client)).join() === ',served')
    for (const { arn } of [server, client, neighbour]) await tasks.stop(arn)
    for (const { arn } of [server, client, neighbour]) await tasks.reached(arn, 'STOPPED')
  })
})
