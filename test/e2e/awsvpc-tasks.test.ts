/** The agent's program, tasks of awsvpc mode and the real Docker Engine, with a control plane of a few lines. */
import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { NetworkFact, PayloadContainer, PayloadTask } from '@berth/model'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { tagOf } from '../../packages/agent/src/network/names.ts'
import { ControlPlane, clusterArn } from './agent-control-plane.ts'
import { AgentProcess } from './agent-process.ts'
import { eventually } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { everywhere, everywhere6, groupFact, interfaceFact, subnetFact, vpcFacts } from './vpc-hosts.ts'

const family = `awsvpc-${process.pid}`

const output = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const docker = (...args: string[]): string => output('docker', ...args)
const inContainer = (id: string, script: string): string => docker('exec', id, 'sh', '-c', script)

const container = (
  name: string,
  script: string,
  members: Partial<PayloadContainer> = {},
): PayloadContainer => ({
  name,
  image: busybox,
  essential: true,
  cpu: 0,
  memory: 32,
  command: ['sh', '-c', script],
  stopTimeout: 1,
  containerArn: `arn:aws:ecs:us-east-1:000000000000:container/default/0/${name}`,
  ...members,
})
const serve = (text: string, port: number): string =>
  `trap exit TERM; while :; do echo ${text} | nc -l -p ${port} >/dev/null & wait $!; done`
const idle = 'trap exit TERM; while :; do sleep 0.1; done'

let last = 20
/** A task with an interface, and the fact that tells of it. */
const awsvpcTask = (containers: PayloadContainer[], members: Partial<PayloadTask> = {}, hasIpv6 = false) => {
  const arn = `arn:aws:ecs:us-east-1:000000000000:task/default/${randomUUID()}`
  last += 1
  const ipv6Address = `fd50::${last.toString(16)}`
  const fact = interfaceFact(1, last, arn, hasIpv6 ? { ipv6Address } : {})
  const payload: PayloadTask = {
    arn,
    taskClusterArn: clusterArn,
    desiredStatus: 'RUNNING',
    family,
    version: '1',
    overrides: '{}',
    containers,
    networkMode: 'awsvpc',
    elasticNetworkInterfaces: [
      {
        name: 'eth0',
        index: 0,
        ec2Id: fact.interfaceId,
        attachmentArn: `arn:aws:ecs:us-east-1:000000000000:attachment/${randomUUID()}`,
        macAddress: fact.macAddress,
        ipv4Addresses: [{ privateAddress: fact.address, primary: true }],
        ...(hasIpv6 && {
          ipv6Addresses: [{ address: ipv6Address, primary: true }],
          subnetGatewayIpv6Address: 'fe80::1/64',
        }),
        subnetGatewayIpv4Address: '10.50.1.1/24',
        privateDnsName: `ip-${fact.address.replaceAll('.', '-')}.ec2.internal`,
        domainName: ['ec2.internal'],
        domainNameServers: ['10.50.0.2'],
      },
    ],
    ...members,
  }
  return { payload, fact, ipv6Address }
}

describe('tasks of awsvpc mode on Docker', () => {
  const controlPlane = new ControlPlane()
  const agent = new AgentProcess(() => controlPlane.endpoint)

  /** What is told from here on is for its next life. */
  const killAgent = async (): Promise<void> => {
    await agent.end('SIGKILL')
    await controlPlane.left()
  }
  const prefix = `berth-${tagOf(agent.dataDirectory)}-`
  const namespaces = (): string[] =>
    output('ip', 'netns', 'list')
      .split('\n')
      .flatMap(line => (line.startsWith(prefix) ? [line.split(' ')[0] ?? ''] : []))
  const containersOf = (arn: string): string[] =>
    docker('ps', '-aq', '--filter', `label=com.amazonaws.ecs.task-arn=${arn}`).split('\n').filter(Boolean)

  const start = async (
    containers: PayloadContainer[],
    members: Partial<PayloadTask> = {},
    hasIpv6 = false,
  ) => {
    const { payload, fact, ipv6Address } = awsvpcTask(containers, members, hasIpv6)
    await controlPlane.tell([fact])
    await controlPlane.give(payload)
    await controlPlane.reached(payload.arn, 'RUNNING')
    const told = controlPlane.of(payload.arn).flatMap(change => change.containers)
    const idOf = (name: string) => told.find(each => each.containerName === name)?.runtimeId ?? ''
    return { payload, fact, ipv6Address, idOf, told }
  }
  const stop = async (payload: PayloadTask): Promise<void> => {
    await controlPlane.give({ ...payload, desiredStatus: 'STOPPED' })
    await controlPlane.reached(payload.arn, 'STOPPED')
    await controlPlane.until(() =>
      controlPlane
        .of(payload.arn)
        .some(({ attachments }) => attachments?.some(({ status }) => status === 'DETACHED')),
    )
  }

  beforeAll(async () => {
    makeBusyboxImage()
    await controlPlane.listen()
    agent.start()
    const facts: NetworkFact[] = [...vpcFacts, groupFact('sg-1', [everywhere])]
    await controlPlane.tell(facts)
  })

  afterEach(() =>
    eventually('no container is left', async () => {
      const left = docker('ps', '-aq', '--filter', `label=com.amazonaws.ecs.task-definition-family=${family}`)
      // The agent may be about to remove some of them.
      if (left !== '') spawnSync('docker', ['rm', '-f', ...left.split('\n')])
      return left === ''
    }),
  )

  afterAll(async () => {
    await agent.remove()
    controlPlane.close()
  })

  it('are taken by a host that says where its networks are reached', async () => {
    await controlPlane.until(() => controlPlane.registrations.length > 0)
    const attributes = new Map(
      controlPlane.registrations[0]?.attributes.map(({ name, value }) => [name, value]),
    )
    expect(attributes.has('ecs.capability.task-eni')).toBe(true)
    expect(attributes.has('ecs.capability.task-eni.ipv6')).toBe(true)
    expect(attributes.get('berth.task-enis')).toBe('120')
    expect(attributes.get('berth.underlay-address')).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
  })

  it('have one network for all of their containers, with the address and the names that the API shows', async () => {
    const { payload, fact, idOf, told } = await start([
      container('web', serve('web', 80)),
      container('side', idle),
    ])
    expect(told.map(({ networkBindings }) => networkBindings)).toEqual([[], []])
    const side = idOf('side')
    expect(inContainer(side, 'nc 127.0.0.1 80 </dev/null')).toBe('web')
    expect(inContainer(side, 'ip -4 addr show eth0')).toContain(`${fact.address}/32`)
    expect(inContainer(side, 'cat /sys/class/net/eth0/address')).toBe(fact.macAddress)
    const name = `ip-${fact.address.replaceAll('.', '-')}.ec2.internal`
    expect(inContainer(side, 'hostname')).toBe(name)
    expect(inContainer(side, 'cat /etc/hosts')).toMatch(new RegExp(`${fact.address}\\s+${name}`))
    expect(inContainer(side, 'cat /etc/resolv.conf')).toMatch(/search ec2.internal\nnameserver 10.50.0.2/)
    const attachments = controlPlane.of(payload.arn).flatMap(change => change.attachments ?? [])
    expect(attachments.map(({ status }) => status)).toContain('ATTACHED')
    await stop(payload)
    await eventually('nothing is left of it', async () => containersOf(payload.arn).length <= 2)
    expect(namespaces()).toEqual([])
  })

  it('reach each other as their groups say, which may change while they run', async () => {
    const web = await start([container('web', serve('web', 80))])
    const client = await start([container('app', idle)])
    const ask = (): string => {
      try {
        return inContainer(client.idOf('app'), `timeout 1 nc -w 1 ${web.fact.address} 80 </dev/null`)
      } catch {
        return ''
      }
    }
    await eventually('it is answered', async () => ask() === 'web')
    const closedAt = performance.now()
    await controlPlane.tell([groupFact('sg-1', [])])
    await eventually('it is not answered any more', async () => ask() === '')
    expect(performance.now() - closedAt).toBeLessThan(5_000)
    await controlPlane.tell([groupFact('sg-1', [everywhere])])
    await eventually('it is answered again', async () => ask() === 'web')
    await stop(web.payload)
    await stop(client.payload)
    expect(namespaces()).toEqual([])
  })

  it('have an IPv6 address, too, though the engine gives them no IPv6', async () => {
    const both = [everywhere, everywhere6]
    await controlPlane.tell([
      {
        key: 'vpc/vpc-1',
        kind: 'vpc',
        vpcId: 'vpc-1',
        number: 7_001,
        blocks: ['10.50.0.0/16', 'fd50::/56'],
        hasDns: true,
      },
      subnetFact(1, { ipv6Block: 'fd50::/64' }),
      groupFact('sg-1', both, both),
    ])
    const web = await start([container('web', serve('web', 80))], {}, true)
    const client = await start([container('app', idle)], {}, true)
    const app = client.idOf('app')
    const shown = inContainer(app, 'ip -6 addr show eth0')
    expect(shown).toContain(`${client.ipv6Address}/128`)
    expect(shown).not.toMatch(/fe80|tentative/)
    const ask = (address: string): string => inContainer(app, `timeout 5 nc ${address} 80 </dev/null`)
    for (const address of [web.ipv6Address, web.fact.address]) expect(ask(address)).toBe('web')
    // Nothing leads outside: that is said at once, and not by silence.
    expect(inContainer(app, 'nc 2001:db8::1 80 </dev/null 2>&1 || true')).toMatch(/refused/)
    await killAgent()
    expect(ask(web.ipv6Address)).toBe('web')
    const sessions = controlPlane.sessions
    agent.start()
    await controlPlane.until(() => controlPlane.sessions > sessions)
    expect(ask(web.ipv6Address)).toBe('web')
    await stop(web.payload)
    await stop(client.payload)
    await controlPlane.tell([...vpcFacts, groupFact('sg-1', [everywhere])])
    expect(namespaces()).toEqual([])
  })

  it('find their metadata, and nobody else’s', async () => {
    const one = await start([container('app', idle)])
    const other = await start([container('app', idle)])
    const get = (from: string, uri: string): string => {
      const [, host = '', port = '80', path = ''] = /^http:\/\/([^:/]+)(?::(\d+))?(.*)$/.exec(uri) ?? []
      return inContainer(from, `printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' | timeout 5 nc ${host} ${port}`)
    }
    const uri = inContainer(one.idOf('app'), 'echo $ECS_CONTAINER_METADATA_URI_V4')
    const answer = get(one.idOf('app'), `${uri}/task`)
    expect(answer).toContain(one.payload.arn)
    const [, body = ''] = get(one.idOf('app'), uri).split('\r\n\r\n')
    const metadata = JSON.parse(body)
    expect(metadata.Networks).toEqual([
      expect.objectContaining({
        NetworkMode: 'awsvpc',
        IPv4Addresses: [one.fact.address],
        MACAddress: one.fact.macAddress,
        IPv4SubnetCIDRBlock: '10.50.1.0/24',
      }),
    ])
    expect(get(other.idOf('app'), uri)).toContain('404')
    await stop(one.payload)
    await stop(other.payload)
  })

  it('keep their addresses and connections while the agent is killed and starts again', async () => {
    const web = await start([container('web', serve('web', 80))])
    const client = await start([container('app', idle)])
    await killAgent()
    const ask = () => inContainer(client.idOf('app'), `timeout 5 nc ${web.fact.address} 80 </dev/null`)
    expect(ask()).toBe('web')
    const sessions = controlPlane.sessions
    agent.start()
    await controlPlane.until(() => controlPlane.sessions > sessions)
    expect(ask()).toBe('web')
    await stop(web.payload)
    await stop(client.payload)
    expect(namespaces()).toEqual([])
  })

  it('whose agent is killed at any moment of their start run in the end, or leave nothing', async () => {
    for (const afterMs of [0, 40, 120, 250, 500, 900]) {
      const { payload, fact } = awsvpcTask([container('app', idle)])
      await controlPlane.tell([fact])
      await controlPlane.give(payload)
      await new Promise(resolve => setTimeout(resolve, afterMs))
      await killAgent()
      agent.start()
      await controlPlane.give(payload)
      const { containers } = await controlPlane.reached(payload.arn, 'RUNNING')
      const id = containers[0]?.runtimeId ?? ''
      expect(inContainer(id, 'ip -4 addr show eth0'), `after ${afterMs} ms`).toContain(fact.address)
      const ended = controlPlane.give({ ...payload, desiredStatus: 'STOPPED' })
      await new Promise(resolve => setTimeout(resolve, afterMs))
      await killAgent()
      agent.start()
      await ended
      await stop(payload)
      expect(namespaces(), `after ${afterMs} ms`).toEqual([])
    }
  })

  it('without an interface that anybody tells of do not start, and say why', async () => {
    const { payload } = awsvpcTask([container('app', idle)], { elasticNetworkInterfaces: [] })
    await controlPlane.give(payload)
    const stopped = await controlPlane.reached(payload.arn, 'STOPPED')
    expect(stopped).toMatchObject({
      stopCode: 'TaskFailedToStart',
      reason: expect.stringContaining('network interface'),
    })
  })
})
