import { beforeEach, describe, expect, it } from 'vitest'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { serviceDeploymentCalls } from './service-deployment-calls.ts'

const berth = useBerth()
const { ready, register, report, create, update, hostDoes } = serviceDeploymentCalls(berth)

beforeEach(async () => {
  await ready()
})

describe('DescribeServiceRevisions', () => {
  const revisionOf = async (): Promise<string> => {
    const { services } = await berth.ecs.describeServices({ services: ['web'] })
    return services?.[0]?.currentServiceRevisions?.[0]?.arn ?? ''
  }

  it('shows what a service is and was made of', async () => {
    await create()
    const first = await revisionOf()
    await hostDoes('RUNNING')
    await register({ family: 'web' })
    await update({ taskDefinition: 'web' })
    await hostDoes('RUNNING')
    const second = await revisionOf()
    const { serviceRevisions, failures } = await berth.ecs.describeServiceRevisions({
      serviceRevisionArns: [first, second, `${second}0`],
    })
    const revision = (serviceRevisionArn: string, number: number) => ({
      serviceRevisionArn,
      serviceArn: arn('service/default/web'),
      clusterArn: arn('cluster/default'),
      taskDefinition: arn(`task-definition/web:${number}`),
      launchType: 'EC2',
      loadBalancers: [],
      serviceRegistries: [],
      containerImages: [{ containerName: 'web', image: 'web:1' }],
      guardDutyEnabled: false,
      createdAt: new Date(startedAt.getTime() + (number - 1) * 1_000),
    })
    expect(serviceRevisions).toEqual([revision(first, 1), revision(second, 2)])
    expect(failures).toEqual([{ arn: `${second}0`, reason: 'MISSING' }])
  })

  it('shows the digests of the images, once a task has said them', async () => {
    await register({
      containerDefinitions: [{ name: 'web', image: 'registry.example/web:1', memory: 64, essential: true }],
    })
    await create()
    const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web' })
    const imageDigest = `sha256:${'0'.repeat(64)}`
    await report({ taskArn: taskArns[0] }, 'RUNNING', { imageDigest })
    await berth.ecs.updateService({ service: 'web', desiredCount: 2 })
    berth.settle()
    const { serviceRevisions } = await berth.ecs.describeServiceRevisions({
      serviceRevisionArns: [await revisionOf()],
    })
    expect(serviceRevisions?.[0]?.containerImages).toEqual([
      { containerName: 'web', image: 'registry.example/web:1', imageDigest },
    ])
  })

  it('shows none of a service that was deleted', async () => {
    await create()
    const arn = await revisionOf()
    await berth.ecs.deleteService({ service: 'web', force: true })
    berth.settle()
    await hostDoes('RUNNING')
    const { failures } = await berth.ecs.describeServiceRevisions({ serviceRevisionArns: [arn] })
    expect(failures).toEqual([{ arn, reason: 'MISSING' }])
  })

  it('refuses what makes no sense', async () => {
    const of = (...serviceRevisionArns: string[]) =>
      refusal(berth.ecs.describeServiceRevisions({ serviceRevisionArns }))
    expect(await of()).toEqual(['InvalidParameterException', expect.any(String)])
    expect(await of(arn('service-revision/other/web/1'))).toEqual([
      'ClusterNotFoundException',
      expect.any(String),
    ])
    expect(await of(arn('service-revision/default/web/1'))).toEqual([
      'ServiceNotFoundException',
      expect.any(String),
    ])
    const denied = refusal(
      berth.nobody.describeServiceRevisions({ serviceRevisionArns: [arn('service-revision/default/web/1')] }),
    )
    expect(await denied).toEqual(['AccessDeniedException', expect.any(String)])
  })
})
