/** What tests of service deployments do again and again, on the control plane of their file. */
import type { ServiceDeployment } from '@aws-sdk/client-ecs'
import { expect } from 'vitest'
import type { Berth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

export const serviceDeploymentCalls = (berth: Berth) => {
  const { ready, register, report } = taskCalls(berth)

  /** The ARN of the service deployment that is the service's current one then. */
  const create = async (serviceName = 'web'): Promise<string> => {
    const { service } = await berth.ecs.createService({
      serviceName,
      taskDefinition: 'web',
      desiredCount: 1,
      // It cannot be enabled with a maximum of 100 %.
      availabilityZoneRebalancing: 'DISABLED',
    })
    berth.settle()
    return service?.currentServiceDeployment ?? ''
  }

  const update = async (change: object = {}): Promise<string> => {
    berth.clock.advance(1_000)
    const { service } = await berth.ecs.updateService({ service: 'web', forceNewDeployment: true, ...change })
    berth.settle()
    return service?.currentServiceDeployment ?? ''
  }

  const described = async (serviceDeploymentArn: string): Promise<ServiceDeployment> => {
    const answer = await berth.ecs.describeServiceDeployments({
      serviceDeploymentArns: [serviceDeploymentArn],
    })
    expect(answer.failures).toEqual([])
    return answer.serviceDeployments?.[0] ?? {}
  }

  const listed = async (filters: object = {}): Promise<readonly (string | undefined)[]> => {
    const { serviceDeployments = [] } = await berth.ecs.listServiceDeployments({ service: 'web', ...filters })
    return serviceDeployments.map(({ serviceDeploymentArn }) => serviceDeploymentArn)
  }

  /** The host starts what is PENDING, or fails to, and stops what is to be stopped. */
  const hostDoes = async (pending: 'RUNNING' | 'STOPPED', rounds = 6): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
        const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web', desiredStatus })
        const { tasks = [] } = taskArns.length ? await berth.ecs.describeTasks({ tasks: taskArns }) : {}
        for (const task of tasks) {
          if (desiredStatus === 'STOPPED' && task.lastStatus !== 'STOPPED') await report(task, 'STOPPED')
          if (desiredStatus === 'RUNNING' && task.lastStatus === 'PENDING') await report(task, pending)
        }
      }
      berth.settle()
    }
  }

  return { ready, register, report, create, update, described, listed, hostDoes }
}
