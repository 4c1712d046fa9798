import type { ContainerInstance, Task } from '@aws-sdk/client-ecs'
import type { SimContainer } from '../hosts/engine.ts'
import type { SimHost } from '../hosts/host.ts'
import type { Checker, Observation, TaskNeeds } from './checker.ts'
import { wasGivenUp } from './engine-truth.ts'

/** Tasks take no more of an instance than it has, no port twice, and what is left is told right. */
export const capacity = (needs: ReadonlyMap<string, TaskNeeds>, hosts: readonly SimHost[]): Checker => {
  const stopped = new Map<string, Task>()
  return {
    name: 'capacity',
    judge: observation => {
      if (!observation.isComplete) return undefined
      for (const instance of observation.instances) {
        const wrong =
          judgeInstance(instance, observation, needs) ?? judgeRoom(instance, observation, stopped, hosts)
        if (wrong) return `${instance.containerInstanceArn}: ${wrong}`
      }
      return undefined
    },
    learn: ({ tasks }) => {
      for (const [arn, task] of tasks) if (task.lastStatus === 'STOPPED') stopped.set(arn, task)
      return undefined
    },
    refusedPort: (host, container, holder) => {
      if (container.containerInstanceArn !== holder.containerInstanceArn) return undefined
      const given = stopped.get(holder.taskArn)
      const why = given && wasGivenUp(given) ? 'STOPPED for good and still running' : 'still running'
      return `on ${host}, ${container.taskArn} was given a port that ${holder.taskArn} holds, which is ${why}`
    },
  }
}

const judgeInstance = (
  instance: ContainerInstance,
  { tasks }: Observation,
  needs: ReadonlyMap<string, TaskNeeds>,
): string | undefined => {
  const own = [...tasks.values()].filter(
    task => task.containerInstanceArn === instance.containerInstanceArn && task.lastStatus !== 'STOPPED',
  )
  const cpu = sum(own, 'cpu')
  const memory = sum(own, 'memory')
  const registered = {
    cpu: resource(instance.registeredResources, 'CPU'),
    memory: resource(instance.registeredResources, 'MEMORY'),
  }
  if (cpu > registered.cpu) return `tasks take ${cpu} CPU units of ${registered.cpu}`
  if (memory > registered.memory) return `tasks take ${memory} MiB of ${registered.memory}`
  const ports = own
    .map(task => needs.get(task.taskDefinitionArn ?? '')?.port)
    .filter(port => port !== undefined)
  if (new Set(ports).size < ports.length) return `tasks hold ports ${ports.join(', ')}`
  const running = own.filter(isUp).length
  if (running !== instance.runningTasksCount)
    return `runningTasksCount is ${instance.runningTasksCount}, and ${running} tasks run`
  return undefined
}

/** A task that load balancers let go of runs still. */
const isUp = ({ lastStatus }: Task): boolean => lastStatus === 'RUNNING' || lastStatus === 'DEACTIVATING'

/** What a task that was given up takes of its host is not free while its containers run there. */
const judgeRoom = (
  instance: ContainerInstance,
  { tasks }: Observation,
  stopped: ReadonlyMap<string, Task>,
  hosts: readonly SimHost[],
): string | undefined => {
  if (instance.status === 'INACTIVE') return undefined
  const { containerInstanceArn } = instance
  const held = [...stopped.values()].filter(
    task =>
      task.containerInstanceArn === containerInstanceArn &&
      wasGivenUp(task) &&
      hosts.some(({ engine }) => engine.ever.get(task.taskArn ?? '')?.some(isRunning)),
  )
  const live = [...tasks.values()].filter(
    task => task.containerInstanceArn === containerInstanceArn && task.lastStatus !== 'STOPPED',
  )
  const free = resource(instance.registeredResources, 'CPU') - sum(live, 'cpu') - sum(held, 'cpu')
  const told = resource(instance.remainingResources, 'CPU')
  return told > free
    ? `${told} CPU units are said to be free, and ${free} are: ${held.length} tasks that were given up still run`
    : undefined
}

const isRunning = ({ status }: SimContainer): boolean => status === 'running'

const sum = (tasks: readonly Task[], member: 'cpu' | 'memory'): number =>
  tasks.reduce((total, task) => total + Number(task[member]), 0)

const resource = (resources: ContainerInstance['registeredResources'], name: string): number =>
  resources?.find(found => found.name === name)?.integerValue ?? 0
