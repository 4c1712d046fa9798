import { describe, expect, it } from 'vitest'
import { arn, refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'
import { startedTask, wholeRequest, wholeTaskCalls } from './whole-task.ts'

const berth = useBerth()
const { connect, ready, register, report } = taskCalls(berth)
const whole = wholeTaskCalls(berth)

describe('StartTask', () => {
  it('starts on the instances that are named what RunTask would start, and says what failed', async () => {
    const instance = await whole.ready()
    const missing = arn(`container-instance/default/${'0'.repeat(32)}`)
    const { tasks = [], failures } = await berth.ecs.startTask({
      ...wholeRequest,
      cluster: 'default',
      containerInstances: [instance.slice(-32), missing],
    })
    expect(tasks).toEqual([startedTask(tasks[0]!, instance)])
    expect(failures).toEqual([{ arn: missing, reason: 'MISSING' }])
  })

  it('says what the definition or the overrides need that an instance lacks', async () => {
    const instance = await ready()
    await register({
      family: 'ordered',
      containerDefinitions: [
        {
          name: 'web',
          image: 'web:1',
          memory: 64,
          dependsOn: [{ containerName: 'first', condition: 'SUCCESS' }],
        },
        { name: 'first', image: 'web:1', memory: 64, essential: false },
      ],
    })
    const failuresOf = async (change: object) => {
      const answer = await berth.ecs.startTask({
        taskDefinition: 'web',
        containerInstances: [instance],
        ...change,
      })
      expect(answer.tasks).toEqual([])
      return answer.failures
    }
    expect(await failuresOf({ taskDefinition: 'ordered' })).toEqual([
      {
        arn: instance,
        reason: 'ATTRIBUTE',
        detail: 'Missing attributes: ecs.capability.container-ordering.',
      },
    ])
    expect(await failuresOf({ overrides: { taskRoleArn: 'arn:aws:iam::111122223333:role/task' } })).toEqual([
      {
        arn: instance,
        reason: 'ATTRIBUTE',
        detail: 'Missing attributes: com.amazonaws.ecs.capability.task-iam-role.',
      },
    ])
  })

  it('says why an instance takes no task', async () => {
    const [away, busy, gone] = [await ready(), await connect(), await connect()]
    await berth.ecs.updateContainerInstancesState({ containerInstances: [away], status: 'DRAINING' })
    await berth.ecs.deregisterContainerInstance({ containerInstance: gone })
    const port = [{ containerPort: 80, hostPort: 8080 }]
    const containerDefinitions = [{ name: 'web', image: 'web:1', memory: 64, portMappings: port }]
    await register({ family: 'port', containerDefinitions })
    const start = () =>
      berth.ecs.startTask({ taskDefinition: 'port', containerInstances: [away, busy, gone] })
    const first = await start()
    expect(first.tasks).toHaveLength(1)
    expect(first.failures).toEqual([
      { arn: away, reason: 'INACTIVE' },
      { arn: gone, reason: 'INACTIVE' },
    ])
    expect((await start()).failures).toEqual([
      { arn: away, reason: 'INACTIVE' },
      { arn: busy, reason: 'RESOURCE:PORTS' },
      { arn: gone, reason: 'INACTIVE' },
    ])
    await report(first.tasks![0]!, 'STOPPED')
    expect((await start()).tasks).toHaveLength(1)
  })

  it('refuses with the errors of ECS', async () => {
    const instance = await ready()
    const call = (change: object) =>
      refusal(berth.ecs.startTask({ taskDefinition: 'web', containerInstances: [instance], ...change }))
    expect(await call({ cluster: 'no' })).toEqual(['ClusterNotFoundException', 'Cluster not found.'])
    expect(await call({ taskDefinition: 'no' })).toEqual(['ClientException', 'TaskDefinition not found.'])
    for (const containerInstances of [[], Array(11).fill(instance)])
      expect(await call({ containerInstances })).toEqual([
        'InvalidParameterException',
        'The number of container instances must be between 1 and 10.',
      ])
    const nobodys = berth.nobody.startTask({ taskDefinition: 'web', containerInstances: [instance] })
    expect((await refusal(nobodys))[0]).toBe('AccessDeniedException')
    expect((await call({ volumeConfigurations: [{ name: 'data' }] }))[0]).toBe('InvalidParameterException')
    expect((await call({ referenceId: 'x'.repeat(1025) }))[1]).toBe(
      'referenceId can have at most 1024 characters.',
    )
  })
})
