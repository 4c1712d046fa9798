import type { Service } from '@aws-sdk/client-ecs'
import {
  DeletePreDeploymentTaskCommand,
  DescribePreDeploymentTaskCommand,
  PutPreDeploymentTaskCommand,
  type PutPreDeploymentTaskRequest,
} from '@berth/client'
import { describe, expect, it } from 'vitest'
import { arn, refusal, useBerth } from '../harness.ts'
import { taskCalls } from '../task-calls.ts'

const berth = useBerth()
const { ready, register } = taskCalls(berth)

const put = (change: Partial<PutPreDeploymentTaskRequest> = {}) =>
  berth.own.send(new PutPreDeploymentTaskCommand({ service: 'web', ...change }))
const describeTask = () => berth.own.send(new DescribePreDeploymentTaskCommand({ service: 'web' }))

const create = async (): Promise<Service> => {
  await ready()
  const { service } = await berth.ecs.createService({
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 0,
  })
  berth.settle()
  return service ?? {}
}

describe('PutPreDeploymentTask', () => {
  it('sets what deployments run before their tasks, in place of what was set before', async () => {
    await create()
    expect(await put({ command: ['migrate', 'up'], container: 'web', timeoutInMinutes: 5 })).toMatchObject({
      serviceArn: arn('service/default/web'),
      preDeploymentTask: { command: ['migrate', 'up'], container: 'web', timeoutInMinutes: 5 },
    })
    await put({ taskDefinition: 'web:1' })
    const { preDeploymentTask } = await describeTask()
    expect(preDeploymentTask).toEqual({ taskDefinition: 'web:1', timeoutInMinutes: 60 })
  })

  it('makes no deployment, and AWS clients do not see it', async () => {
    await create()
    const before = await berth.ecs.describeServices({ services: ['web'] })
    await put()
    berth.settle()
    const after = await berth.ecs.describeServices({ services: ['web'] })
    expect(after.services).toEqual(before.services)
  })

  it('holds the next deployment, which shows it as a hook, until the task has ended', async () => {
    await create()
    await put({ command: ['migrate'] })
    await register()
    await berth.ecs.updateService({ service: 'web', taskDefinition: 'web', desiredCount: 1 })
    berth.settle()
    const { serviceDeployments: [latest] = [] } = await berth.ecs.listServiceDeployments({ service: 'web' })
    const { serviceDeployments } = await berth.ecs.describeServiceDeployments({
      serviceDeploymentArns: [latest?.serviceDeploymentArn ?? ''],
    })
    expect(serviceDeployments).toMatchObject([
      {
        status: 'IN_PROGRESS',
        lifecycleStage: 'PRE_SCALE_UP',
        lifecycleHookDetails: [
          { status: 'IN_PROGRESS', targetArn: arn('task-definition/web:2'), targetType: 'AWS_LAMBDA' },
        ],
      },
    ])
    const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web' })
    const { tasks } = await berth.ecs.describeTasks({ tasks: taskArns })
    expect(tasks).toMatchObject([{ taskDefinitionArn: arn('task-definition/web:1') }])
  })

  it.each([
    [{ service: 'nothing' }, 'ServiceNotFoundException', 'Service not found.'],
    [{ cluster: 'nowhere' }, 'ClusterNotFoundException', 'Cluster not found.'],
    [{ taskDefinition: 'nothing' }, 'ClientException', 'TaskDefinition not found.'],
    [{ timeoutInMinutes: 0 }, 'InvalidParameterException', 'timeoutInMinutes must be between 1 and 20160.'],
    [{ command: [] }, 'InvalidParameterException', 'command must have a word, or be absent.'],
    [{ container: 'web' }, 'InvalidParameterException', 'A container is named for a command.'],
    [
      { container: 'db', command: ['x'] },
      'InvalidParameterException',
      'The pre-deployment task has no container db: its task definition has web.',
    ],
  ])('refuses %j, and leaves the service as it was', async (request, code, message) => {
    await create()
    expect(await refusal(put(request))).toEqual([code, message])
    expect((await describeTask()).preDeploymentTask).toBeUndefined()
  })
})

describe('DeletePreDeploymentTask', () => {
  it('takes it away, and does nothing where there is none', async () => {
    await create()
    await put()
    for (let round = 0; round < 2; round++) {
      const answer = await berth.own.send(new DeletePreDeploymentTaskCommand({ service: 'web' }))
      expect(answer).toMatchObject({ serviceArn: arn('service/default/web') })
      expect(answer.preDeploymentTask).toBeUndefined()
      expect((await describeTask()).preDeploymentTask).toBeUndefined()
    }
  })

  it('is of those who may', async () => {
    await create()
    const asked = berth.ownOfNobody.send(new DeletePreDeploymentTaskCommand({ service: 'web' }))
    expect((await refusal(asked))[0]).toBe('AccessDeniedException')
  })
})
