import type { ContainerInstance, Task } from '@aws-sdk/client-ecs'
import { daemonService } from '../clients/daemon-caller.ts'
import type { Checker, Observation } from './checker.ts'

/** An instance never has two tasks of a DAEMON service, and in the end each that is ACTIVE has one. */
export const daemons = (): Checker => ({
  name: 'daemons',
  judge: observation => {
    for (const [instance, own] of daemonTasks(observation))
      if (own.length > 1) return `${instance} has ${own.length} tasks of the daemon`
    return undefined
  },
  missing: observation => {
    const tasks = daemonTasks(observation)
    for (const {
      serviceName,
      status,
      clusterArn,
      taskDefinition,
      deployments = [],
    } of observation.services) {
      if (serviceName !== daemonService || status !== 'ACTIVE') continue
      if (deployments.length !== 1) return `the daemon of ${clusterArn} has ${deployments.length} deployments`
      for (const instance of observation.instances) {
        const { containerInstanceArn = '' } = instance
        if (!isWaiting(instance) || !containerInstanceArn.includes(`/${clusterArn?.split('/').at(-1)}/`))
          continue
        const [own] = tasks.get(containerInstanceArn) ?? []
        if (own === undefined && hasRoom(instance)) return `${containerInstanceArn} has no task of the daemon`
        if (own !== undefined && (own.lastStatus !== 'RUNNING' || own.taskDefinitionArn !== taskDefinition))
          return `${own.taskArn} of the daemon is ${own.lastStatus}, of ${own.taskDefinitionArn}`
      }
    }
    return undefined
  },
})

const daemonTasks = ({ tasks }: Observation): ReadonlyMap<string, readonly Task[]> =>
  Map.groupBy(
    [...tasks.values()].filter(
      ({ group, lastStatus }) => group === `service:${daemonService}` && lastStatus !== 'STOPPED',
    ),
    ({ containerInstanceArn = '' }) => containerInstanceArn,
  )

const isWaiting = ({ status, agentConnected }: ContainerInstance): boolean =>
  status === 'ACTIVE' && agentConnected === true

const hasRoom = ({ remainingResources = [] }: ContainerInstance): boolean =>
  ['CPU', 'MEMORY'].every(
    resource => (remainingResources.find(({ name }) => name === resource)?.integerValue ?? 0) >= 64,
  )
