import type { CreateServiceRequest, LoadBalancer } from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { shiftPerformer } from '../../packages/control-plane/src/services/ecs/deployment/traffic/direct-traffic.ts'
import {
  forwardTo,
  given,
  targetGroupArn,
} from '../../packages/control-plane/src/services/elbv2/fixtures/rows.ts'
import { rules, targets } from '../../packages/control-plane/src/services/elbv2/index.ts'
import { performEffects } from './effects.ts'
import { refusal, useBerth } from './harness.ts'
import { blue, loadBalancedCalls, production, test } from './load-balanced-calls.ts'

const berth = useBerth()
const {
  begin,
  connect,
  registerWithPort,
  create,
  tasksOf,
  report,
  startAll,
  rows,
  find,
  described,
  events,
  weightsOf,
  lastHostPort,
} = loadBalancedCalls(berth)

beforeEach(begin)

describe('a service with a load balancer', () => {
  it('registers a task once it is RUNNING, by its instance and host port', async () => {
    const created = await create({ role: 'ecsServiceRole' })
    expect(created.loadBalancers).toEqual([blue])
    expect(rows()).toEqual([])
    await startAll()
    expect(rows()).toMatchObject([{ targetId: expect.stringMatching(/^mi-/), port: lastHostPort() }])
    berth.advance(1_000)
    expect(await events()).toContain(
      `(service web) registered 1 targets in (target-group ${targetGroupArn()})`,
    )
  })

  it('is not steady, and its deployment not complete, until the load balancer finds its tasks healthy', async () => {
    await create()
    await startAll()
    berth.advance(60_000)
    expect((await described()).deployments?.[0]?.rolloutState).toBe('IN_PROGRESS')
    find('healthy')
    expect((await described()).deployments?.[0]?.rolloutState).toBe('COMPLETED')
  })

  it('lets a task drain before its host is told to stop it', async () => {
    await create()
    await startAll()
    find('healthy')
    await berth.ecs.updateService({ service: 'web', desiredCount: 0 })
    berth.settle()
    expect(rows()).toMatchObject([{ drainingSince: berth.clock.now() }])
    expect(await tasksOf('STOPPED')).toMatchObject([{ lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED' }])
    berth.advance(1_000)
    expect(await events()).toEqual(
      expect.arrayContaining([
        `(service web) deregistered 1 targets in (target-group ${targetGroupArn()})`,
        '(service web) has begun draining connections on 1 tasks.',
      ]),
    )
    berth.advance(30_000)
    expect(rows()).toEqual([])
    expect(await tasksOf('STOPPED')).toMatchObject([{ lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED' }])
  })

  it('says how many targets it registers and deregisters together, and of which deployment those drain that it replaces', async () => {
    await create({ desiredCount: 3 })
    await startAll()
    find('healthy')
    berth.advance(1_000)
    const [{ id: first = '' } = {}] = (await described()).deployments ?? []
    await berth.ecs.updateService({ service: 'web', desiredCount: 2 })
    berth.settle()
    berth.advance(30_000)
    for (const task of await tasksOf('STOPPED')) await report(task, 'STOPPED')
    await berth.ecs.updateService({ service: 'web', forceNewDeployment: true })
    berth.settle()
    await startAll()
    berth.advance(1_000)
    find('healthy')
    berth.advance(1_000)
    const said = (await events()).filter(text => /targets|draining/.test(text ?? ''))
    expect(said.reverse()).toEqual([
      `(service web) registered 3 targets in (target-group ${targetGroupArn()})`,
      `(service web) deregistered 1 targets in (target-group ${targetGroupArn()})`,
      '(service web) has begun draining connections on 1 tasks.',
      `(service web) registered 2 targets in (target-group ${targetGroupArn()})`,
      `(service web) deregistered 2 targets in (target-group ${targetGroupArn()})`,
      `(service web, taskSet ${first}) has begun draining connections on 2 tasks.`,
    ])
  })

  it('forgets the target of a task that has ended by itself at once, and registers its replacement', async () => {
    await create()
    await startAll()
    find('healthy')
    await report((await tasksOf())[0]!, 'STOPPED')
    berth.settle()
    expect(rows()).toEqual([])
    await startAll()
    expect(rows()).toMatchObject([{ port: lastHostPort() }])
    expect(rows()[0]?.health).toBeUndefined()
  })

  it('replaces a task that fails the health checks, once its grace period is over', async () => {
    await create({ healthCheckGracePeriodSeconds: 60 })
    await startAll()
    const [ill] = await tasksOf()
    find('unhealthy', 'blue', { description: 'Health checks failed with these codes: [502]' })
    berth.advance(30_000)
    expect(await tasksOf()).toHaveLength(1)
    berth.advance(31_000)
    expect(await tasksOf()).toHaveLength(2)
    await startAll()
    const replacement = rows().find(({ taskArn }) => taskArn !== ill?.taskArn)
    berth.store.update(tx => tx.put(targets, { ...replacement!, health: { state: 'healthy' } }))
    berth.settle()
    const [stopped] = await tasksOf('STOPPED')
    expect(stopped).toMatchObject({
      taskArn: ill?.taskArn,
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Task failed ELB health checks in (target-group ${targetGroupArn()})`,
    })
    const id = ill?.taskArn?.split('/').at(-1)
    expect(await events()).toContainEqual(
      expect.stringMatching(
        new RegExp(
          `^\\(service web\\) \\(task ${id}\\) \\(instance mi-\\w+\\) \\(port \\d+\\) is unhealthy in \\(target-group .*\\) due to \\(reason Health checks failed with these codes: \\[502\\]\\)$`,
        ),
      ),
    )
  })

  it('has each task in all of its target groups, and is healthy when all say so', async () => {
    berth.store.update(tx => tx.put(rules, given.rule({ actions: [forwardTo({ blue: 1, green: 1 })] })))
    await create({ loadBalancers: [blue, { ...blue, targetGroupArn: targetGroupArn('green') }] })
    await startAll()
    expect([rows('blue').length, rows('green').length]).toEqual([1, 1])
    find('healthy', 'blue')
    expect((await described()).deployments?.[0]?.rolloutState).toBe('IN_PROGRESS')
    find('healthy', 'green')
    expect((await described()).deployments?.[0]?.rolloutState).toBe('COMPLETED')
  })
})

describe('a blue/green service with a load balancer', () => {
  const balancer: LoadBalancer = {
    ...blue,
    advancedConfiguration: {
      alternateTargetGroupArn: targetGroupArn('green'),
      productionListenerRule: production,
      testListenerRule: test,
      roleArn: 'arn:aws:iam::111122223333:role/balancers',
    },
  }
  const perform = shiftPerformer(() => berth.store)
  const shift = async () => {
    await performEffects(berth, 'ecs.shiftTraffic', perform)
    berth.settle()
  }
  const serviceDeployment = async () => {
    const { serviceDeployments = [] } = await berth.ecs.describeServiceDeployments({
      serviceDeploymentArns: [(await described()).currentServiceDeployment!],
    })
    return serviceDeployments[0]!
  }
  /** Hosts and balancers do what they are asked, until the deployment has ended. */
  const finish = async (look: () => void = () => undefined) => {
    for (let round = 0; round < 12; round++) {
      await startAll()
      find('healthy', 'blue')
      find('healthy', 'green')
      await shift()
      berth.advance(60_000)
      const held = new Set([...rows('blue'), ...rows('green')].map(({ taskArn }) => taskArn))
      for (const task of await tasksOf('STOPPED'))
        if (task.lastStatus === 'DEACTIVATING' && !held.has(task.taskArn)) await report(task, 'STOPPED')
      berth.settle()
      look()
    }
  }
  /** The next revision is up, and has traffic. */
  const deployInto = async (group: string) => {
    await berth.ecs.updateService({ service: 'web', forceNewDeployment: true })
    berth.settle()
    await startAll()
    find('healthy', group)
    await shift()
    await shift()
    expect(weightsOf(production)?.find(([name]) => name === group)?.[1]).toBeGreaterThan(0)
  }
  const roll = () =>
    berth.ecs.updateService({
      service: 'web',
      forceNewDeployment: true,
      deploymentConfiguration: { strategy: 'ROLLING' },
    })
  const service = (strategy: object = {}): Partial<CreateServiceRequest> => ({
    loadBalancers: [balancer],
    availabilityZoneRebalancing: 'DISABLED',
    deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1, ...strategy },
  })

  it('has its first revision in the target group, and gives it all of the traffic', async () => {
    await connect()
    await create(service())
    await finish()
    expect(await serviceDeployment()).toMatchObject({ status: 'SUCCESSFUL' })
    expect(rows('blue')).toHaveLength(1)
    expect(weightsOf(production)).toEqual([
      ['blue', 100],
      ['green', 0],
    ])
  })

  it('brings up the next one in the alternate group, checks it before it gets traffic, and goes to and fro', async () => {
    await connect()
    await create(service())
    await finish()
    await registerWithPort()
    await berth.ecs.updateService({ service: 'web', taskDefinition: 'web' })
    berth.settle()
    await startAll()
    expect(rows('green')).toHaveLength(1)
    expect(weightsOf(production)).toEqual([
      ['blue', 100],
      ['green', 0],
    ])
    await finish()
    expect(await serviceDeployment()).toMatchObject({ status: 'SUCCESSFUL' })
    expect([rows('blue').length, rows('green').length]).toEqual([0, 1])
    for (const rule of [production, test])
      expect(weightsOf(rule)).toEqual([
        ['blue', 0],
        ['green', 100],
      ])
    const revisions = (await described()).currentServiceRevisions ?? []
    const { serviceRevisions } = await berth.ecs.describeServiceRevisions({
      serviceRevisionArns: revisions.map(({ arn = '' }) => arn),
    })
    expect(serviceRevisions).toMatchObject([
      {
        loadBalancers: [balancer],
        resolvedConfiguration: {
          loadBalancers: [{ targetGroupArn: targetGroupArn('green'), productionListenerRule: production }],
        },
      },
    ])
    await berth.ecs.updateService({ service: 'web', forceNewDeployment: true })
    await finish()
    expect([rows('blue').length, rows('green').length]).toEqual([1, 0])
    expect(weightsOf(production)).toEqual([
      ['blue', 100],
      ['green', 0],
    ])
  })

  it('moves a part at a time where its strategy says so', async () => {
    await connect()
    const canary = {
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: 2.5, canaryBakeTimeInMinutes: 5 },
    }
    await create(service(canary))
    await finish()
    await berth.ecs.updateService({ service: 'web', forceNewDeployment: true })
    berth.settle()
    await startAll()
    find('healthy', 'green')
    await shift()
    await shift()
    expect(weightsOf(production)).toEqual([
      ['blue', 975],
      ['green', 25],
    ])
    await finish()
    expect(weightsOf(production)).toEqual([
      ['blue', 0],
      ['green', 100],
    ])
  })

  it('goes back where it came from when it is stopped', async () => {
    await connect()
    await create(service({ bakeTimeInMinutes: 60 }))
    await finish()
    await berth.ecs.updateService({ service: 'web', forceNewDeployment: true })
    berth.settle()
    await startAll()
    find('healthy', 'green')
    await shift()
    await shift()
    expect(weightsOf(production)).toEqual([
      ['blue', 0],
      ['green', 100],
    ])
    const serviceDeploymentArn = (await described()).currentServiceDeployment!
    await berth.ecs.stopServiceDeployment({ serviceDeploymentArn })
    await finish()
    expect(await serviceDeployment()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
    expect(weightsOf(production)).toEqual([
      ['blue', 100],
      ['green', 0],
    ])
    expect([rows('blue').length, rows('green').length]).toEqual([1, 0])
  })

  it('stays in the group that has the traffic when it rolls from then on', async () => {
    await connect()
    await create(service())
    await finish()
    await berth.ecs.updateService({ service: 'web', forceNewDeployment: true })
    await finish()
    await berth.ecs.updateService({
      service: 'web',
      forceNewDeployment: true,
      deploymentConfiguration: { strategy: 'ROLLING' },
    })
    await finish()
    expect([rows('blue').length, rows('green').length]).toEqual([0, 1])
  })

  it('does not become a rolling one while a deployment is under way', async () => {
    await connect()
    await create(service({ bakeTimeInMinutes: 60 }))
    await finish()
    await deployInto('green')
    expect(await refusal(roll())).toEqual([
      'InvalidParameterException',
      'Updating the deployment strategy to ROLLING is not supported while a service deployment is in progress. Please wait until it has ended and try again.',
    ])
    expect((await described()).deploymentConfiguration?.strategy).toBe('BLUE_GREEN')
  })

  it.each<[string, object]>([
    ['all', { strategy: 'BLUE_GREEN' }],
    ['a part', { strategy: 'LINEAR', linearConfiguration: { stepPercent: 30 } }],
  ])(
    'has %s of its traffic brought to one revision before it rolls, where it was stopped on the way',
    async (_, strategy) => {
      await connect()
      await create(service({ ...strategy, bakeTimeInMinutes: 5 }))
      await finish()
      await deployInto('green')
      await berth.ecs.stopServiceDeployment({
        serviceDeploymentArn: (await described()).currentServiceDeployment!,
        stopType: 'ABORT',
      })
      berth.settle()
      await roll()
      await finish(() => {
        for (const [group = '', weight] of weightsOf(production) ?? [])
          if (Number(weight) > 0)
            expect(
              rows(String(group)).filter(({ drainingSince }) => drainingSince === undefined),
            ).not.toEqual([])
      })
      expect(await serviceDeployment()).toMatchObject({
        status: 'SUCCESSFUL',
        deploymentConfiguration: { strategy: 'BLUE_GREEN' },
      })
      expect((await described()).deploymentConfiguration?.strategy).toBe('ROLLING')
      expect((await described()).deployments).toHaveLength(1)
    },
  )
})
