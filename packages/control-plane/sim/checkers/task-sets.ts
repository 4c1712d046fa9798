import type { Service, TaskSet } from '@aws-sdk/client-ecs'
import { externalService } from '../clients/task-set-caller.ts'
import type { Checker, Observation, TaskNeeds } from './checker.ts'
import { hasRoom } from './convergence.ts'

/** Each task set comes to the count that its scale stands for, and one that was deleted goes. */
export const taskSets = (needs: ReadonlyMap<string, TaskNeeds>): Checker => ({
  name: 'task-sets',
  missing: observation => {
    for (const service of observation.services) {
      if (service.serviceName !== externalService) continue
      for (const set of service.taskSets ?? []) {
        const wrong = judgeSet(service, set, needs, observation)
        if (wrong) return `${set.id} of ${service.clusterArn} ${wrong}`
      }
    }
    return undefined
  },
})

const judgeSet = (
  service: Service,
  { id, status, scale, taskDefinition }: TaskSet,
  needs: ReadonlyMap<string, TaskNeeds>,
  observation: Observation,
): string | undefined => {
  if (status === 'DRAINING') return 'is DRAINING still'
  const own = [...observation.tasks.values()].filter(
    task => task.startedBy === id && task.lastStatus !== 'STOPPED',
  )
  const wanted = Math.ceil(((service.desiredCount ?? 0) * (scale?.value ?? 0)) / 100)
  const need = needs.get(taskDefinition ?? '')
  const isFull = need !== undefined && !hasRoom(service, need, needs, observation)
  if (own.length > wanted || (own.length < wanted && !isFull))
    return `has ${own.length} tasks, and is to have ${wanted}`
  const other = own.find(({ lastStatus }) => lastStatus !== 'RUNNING')
  return other && `has ${other.taskArn}, which is ${other.lastStatus}`
}
