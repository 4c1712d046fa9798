import { describe, expect, it } from 'vitest'
import { given, start } from '../../fixtures/rows.ts'
import { deployment, type World, webArn, worldOf } from '../../fixtures/service-world.ts'
import {
  endedServiceDeployments,
  pastServiceRevisions,
  type ServiceDeploymentRow,
  serviceDeployments,
} from '../../tables/index.ts'

const breaker = (rollback: boolean) => ({ deploymentCircuitBreaker: { enable: true, rollback } })

const world = async (deploymentConfiguration: object = {}): Promise<World> => {
  const made = await worldOf({ service: { desiredCount: 2, deploymentConfiguration } })
  made.settle(3)
  return made
}
const failAll = (made: World): void => {
  for (let round = 0; round < 5; round++) {
    made.fail(made.tasks().filter(task => task.lastStatus === 'PENDING'))
    made.pass(60_000)
  }
}
const history = async (made: World): Promise<readonly ServiceDeploymentRow[]> =>
  (await made.store.history.read(endedServiceDeployments, webArn)).records
const ask = (made: World, status: 'ROLLBACK_REQUESTED' | 'STOP_REQUESTED'): void => {
  made.store.update(tx => {
    const row = made.serviceDeployment() ?? expect.fail('There is none')
    tx.put(serviceDeployments, { ...row, status })
  })
  made.run()
}

describe('a service deployment', () => {
  it('is PENDING until the service reconciler has seen it, and SUCCESSFUL once its target is deployed', async () => {
    const made = await world()
    made.deploy(2)
    const begun = made.serviceDeployment()
    expect(begun).toMatchObject({
      status: 'IN_PROGRESS',
      startedAt: made.clock.now(),
      sourceDeploymentIds: ['ecs-svc/1'],
      targetDeploymentId: 'ecs-svc/2',
    })
    made.settle()
    expect(made.serviceDeployment()).toMatchObject({
      id: begun?.id,
      status: 'SUCCESSFUL',
      finishedAt: expect.any(Number),
      counts: {
        'ecs-svc/1': { requestedTaskCount: 0, runningTaskCount: 0, pendingTaskCount: 0 },
        'ecs-svc/2': { requestedTaskCount: 3, runningTaskCount: 2, pendingTaskCount: 0 },
      },
    })
  })

  it('is STOPPED by the next one, and becomes history', async () => {
    const made = await world()
    made.deploy(2)
    made.deploy(3)
    expect(made.serviceDeployment()).toMatchObject({
      sourceDeploymentIds: ['ecs-svc/1', 'ecs-svc/2'],
      targetDeploymentId: 'ecs-svc/3',
    })
    expect(await history(made)).toMatchObject([
      {
        status: 'STOPPED',
        statusReason: 'Service deployment stopped because a new service deployment was started.',
        stoppedAt: made.clock.now(),
        targetDeploymentId: 'ecs-svc/2',
      },
      { status: 'SUCCESSFUL', targetDeploymentId: 'ecs-svc/1' },
    ])
  })

  it('is STOPPED where its circuit breaker triggers without rollback', async () => {
    const made = await world(breaker(false))
    made.deploy(2)
    failAll(made)
    expect(made.serviceDeployment()).toMatchObject({
      status: 'STOPPED',
      statusReason: 'Service deployment stopped because the circuit breaker threshold was exceeded.',
      circuitBreaker: { status: 'TRIGGERED', failureCount: 4, threshold: 3 },
    })
  })

  it('ends as ROLLBACK_SUCCESSFUL at the revision that completed last', async () => {
    const made = await world(breaker(true))
    made.deploy(2)
    failAll(made)
    made.settle()
    const reason = 'Service deployment rolled back because the circuit breaker threshold was exceeded.'
    expect(made.serviceDeployment()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: reason,
      rollback: {
        reason,
        serviceRevisionArn: webArn.replace(':service/', ':service-revision/').concat('/1'),
      },
      circuitBreaker: { status: 'TRIGGERED' },
    })
  })

  it('goes back to the load balancers of the revision that completed last', async () => {
    const made = await world(breaker(true))
    const loadBalancers = [{ targetGroupArn: 'new', containerName: 'web', containerPort: 80 }]
    made.change({ loadBalancers })
    made.deploy(2)
    failAll(made)
    made.settle()
    expect(made.serviceDeployment()?.status).toBe('ROLLBACK_SUCCESSFUL')
    expect(made.service()?.loadBalancers).toBeUndefined()
  })

  it('ends as ROLLBACK_FAILED where there is nothing to go back to, or where that fails too', async () => {
    const first = await worldOf({ service: { deploymentConfiguration: breaker(true) } })
    first.run()
    failAll(first)
    expect(first.serviceDeployment()).toMatchObject({
      status: 'ROLLBACK_FAILED',
      statusReason: 'No rollback candidate was found to run the rollback.',
    })
    const made = await world({ ...breaker(true), minimumHealthyPercent: 0, maximumPercent: 100 })
    made.deploy(2)
    made.obey()
    const statuses = new Set<string | undefined>()
    for (let round = 0; round < 10; round++) {
      made.fail(made.tasks().filter(task => task.lastStatus === 'PENDING'))
      made.pass(60_000)
      statuses.add(made.serviceDeployment()?.status)
    }
    expect([...statuses]).toEqual(['IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED'])
    expect(made.serviceDeployment()).toMatchObject({ status: 'ROLLBACK_FAILED', rollback: {} })
  })

  it('is rolled back on request, also where no rollback is configured', async () => {
    const made = await world()
    made.deploy(2)
    ask(made, 'ROLLBACK_REQUESTED')
    made.settle()
    expect(made.serviceDeployment()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because StopServiceDeployment was called.',
    })
    expect(made.deployments()).toMatchObject([{ id: 'ecs-svc/1', rolloutState: 'COMPLETED' }])
  })

  it('stops where it is on request, and launches nothing more', async () => {
    const made = await world()
    made.deploy(2)
    ask(made, 'STOP_REQUESTED')
    failAll(made)
    expect(made.serviceDeployment()).toMatchObject({ status: 'STOPPED', stoppedAt: expect.any(Number) })
    expect(made.tasks().map(({ deploymentId }) => deploymentId)).toEqual(['ecs-svc/1', 'ecs-svc/1'])
  })

  it('is STOPPED with a service that is deleted', async () => {
    const made = await world()
    made.deploy(2)
    made.change({ status: 'DRAINING', desiredCount: 0 })
    made.settle()
    expect(made.serviceDeployment()).toMatchObject({
      status: 'STOPPED',
      statusReason: 'Service deployment stopped because the service was deleted.',
    })
    made.pass(3_600_000)
    expect(made.serviceDeployment()).toBeUndefined()
    expect(await history(made)).toHaveLength(2)
  })
})

describe('a deployment that an earlier release began', () => {
  const begunBy = async (rolloutState: 'IN_PROGRESS' | 'COMPLETED'): Promise<World> => {
    const made = await worldOf({ service: { desiredCount: 0, steadyAt: start } })
    made.clock.advance(60_000)
    made.putRows({ deployments: [deployment(1, { desiredCount: 0, rolloutState })] })
    return made
  }

  it('gets a service deployment while it is under way, and none once it is complete', async () => {
    const complete = await begunBy('COMPLETED')
    complete.run()
    expect(complete.serviceDeployment()).toBeUndefined()
    const underWay = await begunBy('IN_PROGRESS')
    underWay.run()
    expect(underWay.serviceDeployment()).toMatchObject({
      status: 'SUCCESSFUL',
      createdAt: start,
      startedAt: start,
      targetDeploymentId: 'ecs-svc/1',
    })
  })
})

describe('a service revision', () => {
  it('is rolled back to with the image digests that it was deployed with', async () => {
    const imageDigests = { web: `sha256:${'0'.repeat(64)}` }
    const made = await worldOf({
      service: {
        desiredCount: 2,
        deploymentConfiguration: { ...breaker(true), minimumHealthyPercent: 0, maximumPercent: 100 },
      },
    })
    made.putRows({ deployments: [deployment(1, { desiredCount: 2, imageDigests })] })
    made.settle(3)
    made.deploy(2)
    made.obey()
    expect(made.deployments().map(({ id }) => id)).toEqual(['ecs-svc/2'])
    failAll(made)
    expect(made.deployments()).toContainEqual(
      expect.objectContaining({ id: 'ecs-svc/1', status: 'PRIMARY', imageDigests }),
    )
  })

  it('stays in history, with the digests of its images, when its last task is gone', async () => {
    const made = await world()
    made.deploy(2)
    made.settle()
    const { records } = await made.store.history.read(pastServiceRevisions, webArn)
    expect(records).toMatchObject([
      {
        id: webArn.replace(':service/', ':service-revision/').concat('/1'),
        taskDefinitionArn: given.taskDefinition().id,
        containerImages: [{ containerName: 'web', image: expect.any(String) }],
      },
    ])
  })
})
