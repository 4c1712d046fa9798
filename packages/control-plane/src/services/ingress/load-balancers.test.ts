import { describe, expect, it } from 'vitest'
import { ControlLoop } from '../../control-loop/loop.ts'
import { ManualClock } from '../../control-loop/manual-clock.ts'
import { networkInterfaces, subnets } from '../ec2/index.ts'
import { given as ecs, instanceArn, storeWith } from '../ecs/fixtures/rows.ts'
import { type ContainerInstanceRow, containerInstances, type TaskRow, tasks } from '../ecs/index.ts'
import { given, loadBalancerArn, scope, start } from '../elbv2/fixtures/rows.ts'
import { type LoadBalancerRow, listeners, loadBalancers } from '../elbv2/index.ts'
import { ingressReconcilers } from './index.ts'

const attributes = [{ name: 'berth.ingress', value: 'true' }]
const host = (number: number, change: Partial<ContainerInstanceRow> = {}) =>
  ecs.instance(number, { attributes, ...change })

const subnetArn = `arn:aws:ec2:${scope.region}:${scope.accountId}:subnet/subnet-1`
const zones = [{ availabilityZone: 'eu-central-1a', subnetId: 'subnet-1' }]

const worldWith = async (
  instances: readonly ContainerInstanceRow[],
  { pool = '127.10.0.0/16', cidr = '10.0.0.0/24' } = {},
) => {
  const store = await storeWith({ instances })
  const clock = new ManualClock(start)
  let random = 0
  const randomHex = (bytes: number) => (++random).toString(16).padStart(bytes * 2, '0')
  const onFault = (error: unknown) => expect.unreachable(String(error))
  const reconcilers = ingressReconcilers(pool)
  const loop = new ControlLoop({ store, clock, reconcilers, randomHex, schedule: () => undefined, onFault })
  loop.start()
  const put = (row: LoadBalancerRow) => {
    store.update(tx => tx.put(loadBalancers, row))
    loop.runUntilIdle()
  }
  store.update(tx =>
    tx.put(subnets, {
      id: subnetArn,
      vpcId: 'vpc-1',
      cidr,
      availabilityZone: 'eu-central-1a',
      tags: [],
    } as never),
  )
  return {
    store,
    put,
    putHost: (row: ContainerInstanceRow) => {
      store.update(tx => tx.put(containerInstances, row))
      loop.runUntilIdle()
    },
    putTask: (change: Partial<TaskRow>) => {
      const reserved = { cpu: 1, memoryMiB: 1, ports: ['80/tcp'], gpuIds: [] }
      store.update(tx => tx.put(tasks, ecs.task(1, { reserved, ...change })))
      loop.runUntilIdle()
    },
    listen: () => {
      store.update(tx => tx.put(listeners, given.listener()))
      loop.runUntilIdle()
    },
    remove: (name: string) => {
      store.update(tx => tx.delete(loadBalancers, loadBalancerArn(name)))
      loop.runUntilIdle()
    },
    pass: (ms: number) => {
      clock.advance(ms)
      loop.runUntilIdle()
    },
    row: (name = 'web') => store.get(loadBalancers, loadBalancerArn(name)),
    interfaces: () => [...store.all(networkInterfaces)],
  }
}

describe('a load balancer', () => {
  it('gets an address, an interface in each of its subnets, and the host that carries it', async () => {
    const world = await worldWith([ecs.instance(1), host(2)])
    world.put(given.loadBalancer({ zones }))
    expect(world.row()).toMatchObject({
      state: { code: 'active' },
      carried: {
        frontAddress: '127.10.73.163',
        interfaceIds: [expect.stringMatching(/^eni-[0-9a-f]{17}$/)],
        containerInstanceArn: instanceArn(2),
      },
    })
    expect(world.interfaces()).toMatchObject([
      {
        description: 'ELB app/web/50dc6c495c0c9188',
        requesterId: 'amazon-elb',
        privateIps: ['10.0.0.4'],
        groupIds: ['sg-1'],
        containerInstanceArn: instanceArn(2),
        holder: { kind: 'load-balancer', loadBalancerArn: loadBalancerArn() },
      },
    ])
    expect(world.store.get(subnets, subnetArn)?.lastGiven).toBe('10.0.0.4')
  })

  it('shares its address with no other, and the hosts with all of them', async () => {
    const world = await worldWith([host(1), host(2)])
    for (const name of ['a', 'b', 'c', 'd']) world.put(given.loadBalancer({ name }))
    const rows = ['a', 'b', 'c', 'd'].map(name => world.row(name)?.carried)
    expect(new Set(rows.map(carried => carried?.frontAddress)).size).toBe(4)
    expect(rows.map(carried => carried?.containerInstanceArn)).toEqual(
      [1, 2, 1, 2].map(number => instanceArn(number)),
    )
  })

  it('is provisioned when a host is there that may carry it', async () => {
    const world = await worldWith([host(1, { agentConnected: false })])
    world.put(given.loadBalancer({ zones }))
    expect(world.row()?.state).toEqual({
      code: 'provisioning',
      reason: 'No host that is connected has the attribute berth.ingress=true.',
    })
    world.putHost(host(1))
    expect(world.row()?.state).toEqual({ code: 'active' })
  })

  it('is impaired while its host does not take its newest configuration, until another host carries it', async () => {
    const world = await worldWith([host(1)])
    world.put(given.loadBalancer({ zones }))
    world.put({ ...(world.row() as LoadBalancerRow), refusal: 'no such ACL' })
    expect(world.row()?.state).toEqual({
      code: 'active_impaired',
      reason: 'Its newest configuration is not in force: no such ACL',
    })
    world.putHost(host(2))
    world.putHost(host(1, { lostAt: start }))
    expect(world.row()).toMatchObject({
      state: { code: 'active' },
      carried: { containerInstanceArn: instanceArn(2) },
    })
    expect(world.row()?.refusal).toBeUndefined()
  })

  it('stays where it is while its host is away, and moves with its interfaces when that is lost', async () => {
    const world = await worldWith([host(1)])
    world.put(given.loadBalancer({ zones }))
    const before = world.row()?.carried
    world.putHost(host(2))
    world.putHost(host(1, { agentConnected: false }))
    expect(world.row()?.carried).toEqual(before)
    world.putHost(host(1, { agentConnected: false, lostAt: start }))
    expect(world.row()?.carried).toEqual({ ...before, containerInstanceArn: instanceArn(2) })
    expect(world.interfaces()).toMatchObject([{ containerInstanceArn: instanceArn(2) }])
  })

  it('leaves a host that drains, or that is not offered any more, when there is another', async () => {
    const world = await worldWith([host(1)])
    world.put(given.loadBalancer())
    world.putHost(host(1, { status: 'DRAINING' }))
    expect(world.row()?.carried?.containerInstanceArn).toBe(instanceArn(1))
    world.putHost(host(2))
    world.putHost(host(1, { status: 'DRAINING', attributes: [] }))
    expect(world.row()?.carried?.containerInstanceArn).toBe(instanceArn(2))
  })

  it('says that a task has the port of a listener, until that has ended', async () => {
    const world = await worldWith([host(1)])
    world.put(given.loadBalancer())
    world.putTask({ lastStatus: 'RUNNING' })
    world.listen()
    const impaired = {
      code: 'active_impaired',
      reason:
        'A task on the host that carries it has the port 80/tcp: the listener is opened when the task has ended.',
    }
    expect(world.row()?.state).toEqual(impaired)
    world.putHost(host(2))
    expect(world.row()).toMatchObject({ state: impaired, carried: { containerInstanceArn: instanceArn(1) } })
    world.putTask({ lastStatus: 'STOPPED' })
    expect(world.row()?.state).toEqual({ code: 'active' })
    world.putTask({ lastStatus: 'RUNNING' })
    expect(world.row()?.state).toEqual(impaired)
  })

  it('comes to a host where no task has the port of a listener, if there is one', async () => {
    const world = await worldWith([host(1), host(2)])
    world.listen()
    world.put(given.loadBalancer({ name: 'other' }))
    expect(world.row('other')?.carried?.containerInstanceArn).toBe(instanceArn(1))
    world.putTask({ containerInstanceArn: instanceArn(2) })
    world.put(given.loadBalancer())
    expect(world.row()).toMatchObject({
      state: { code: 'active' },
      carried: { containerInstanceArn: instanceArn(1) },
    })
  })

  it('is impaired without a host, and carried again when one comes', async () => {
    const world = await worldWith([host(1)])
    world.put(given.loadBalancer())
    world.putHost(host(1, { agentConnected: false, lostAt: start }))
    expect(world.row()).toMatchObject({ state: { code: 'active_impaired' } })
    expect(world.row()?.carried).not.toHaveProperty('containerInstanceArn')
    world.putHost(host(1))
    expect(world.row()).toMatchObject({
      state: { code: 'active' },
      carried: { containerInstanceArn: instanceArn(1) },
    })
  })

  it('has interfaces as its subnets and security groups say, and none when it is gone', async () => {
    const world = await worldWith([host(1)])
    world.put(given.loadBalancer({ zones }))
    world.put({ ...(world.row() ?? expect.fail()), securityGroupIds: ['sg-2'] })
    expect(world.interfaces()).toMatchObject([{ groupIds: ['sg-2'] }])
    world.put({ ...(world.row() ?? expect.fail()), zones: [] })
    expect(world.interfaces()).toEqual([])
    world.put({ ...(world.row() ?? expect.fail()), zones })
    world.remove('web')
    expect(world.interfaces()).toEqual([])
  })

  it('waits for an address that it is to have, where another one has taken it', async () => {
    const world = await worldWith([host(1)])
    world.put(given.loadBalancer({ name: 'a', zones }))
    expect(world.interfaces()).toMatchObject([{ privateIps: ['10.0.0.4'] }])
    world.put(
      given.loadBalancer({ name: 'b', zones: zones.map(zone => ({ ...zone, privateIp: '10.0.0.4' })) }),
    )
    expect(world.row('b')?.state.code).toBe('provisioning')
    world.remove('a')
    world.pass(60_000)
    expect(world.row('b')?.state).toEqual({ code: 'active' })
    expect(world.interfaces()).toMatchObject([{ privateIps: ['10.0.0.4'] }])
  })

  it('says what it has none of, and looks for it again', async () => {
    const full = await worldWith([host(1)], { cidr: '10.0.0.0/30' })
    full.put(given.loadBalancer({ zones }))
    expect(full.row()?.state).toEqual({
      code: 'provisioning',
      reason: 'The subnet subnet-1 has no free address for it.',
    })
    const one = await worldWith([host(1)], { pool: '127.10.0.1/32' })
    one.put(given.loadBalancer({ name: 'a' }))
    one.put(given.loadBalancer({ name: 'b' }))
    expect(one.row('b')?.state.reason).toContain('BERTH_LOAD_BALANCER_ADDRESSES')
    one.remove('a')
    one.pass(60_000)
    expect(one.row('b')).toMatchObject({
      state: { code: 'active' },
      carried: { frontAddress: '127.10.0.1' },
    })
  })
})
