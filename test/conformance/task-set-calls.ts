/** What tests of task sets do again and again, on the control plane of their file. */
import type { CreateServiceRequest, CreateTaskSetRequest, TaskSet } from '@aws-sdk/client-ecs'
import { expect } from 'vitest'
import type { Berth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

export const named = { cluster: 'default', service: 'web' }
export const external = { deploymentController: { type: 'EXTERNAL' } } as const
export const percent = (value: number) => ({ value, unit: 'PERCENT' }) as const

export const taskSetCalls = (berth: Berth) => {
  const { ready, register, report } = taskCalls(berth)

  const createService = async (change: Partial<CreateServiceRequest> = {}) => {
    await ready()
    return berth.ecs.createService({ serviceName: 'web', desiredCount: 3, ...external, ...change })
  }

  const create = async (change: Partial<CreateTaskSetRequest> = {}): Promise<TaskSet> => {
    const { taskSet } = await berth.ecs.createTaskSet({ ...named, taskDefinition: 'web', ...change })
    berth.settle()
    return taskSet!
  }

  const describeSets = async (...ids: string[]) => {
    const { taskSets, failures } = await berth.ecs.describeTaskSets({
      ...named,
      taskSets: ids,
      include: ['TAGS'],
    })
    expect(failures).toEqual([])
    return taskSets!
  }

  const described = async () => (await berth.ecs.describeServices({ services: ['web'] })).services![0]!

  const runAll = async (): Promise<void> => {
    const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web' })
    const { tasks = [] } = taskArns.length ? await berth.ecs.describeTasks({ tasks: taskArns }) : {}
    for (const task of tasks) if (task.lastStatus === 'PENDING') await report(task, 'RUNNING')
    berth.settle()
  }

  const stopAll = async (): Promise<void> => {
    const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web', desiredStatus: 'STOPPED' })
    const { tasks = [] } = taskArns.length ? await berth.ecs.describeTasks({ tasks: taskArns }) : {}
    for (const task of tasks) if (task.lastStatus !== 'STOPPED') await report(task, 'STOPPED')
    berth.settle()
  }

  return { ready, register, createService, create, describeSets, described, runAll, stopAll }
}
