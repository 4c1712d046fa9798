import type { Service } from '@aws-sdk/client-ecs'
import { migrateFunction } from '../outside/functions.ts'
import type { Outside } from '../outside/outside.ts'
import type { Checker, Observation, TaskNeeds } from './checker.ts'
import { hasRoom } from './convergence.ts'
import { deploymentOf, isFollowed } from './followed-deployments.ts'

const ended = new Set(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'])

/** In the end every deployment has ended, nobody outside is asked for anything, and what serves has all tasks and all traffic. */
export const strategiesEnd = (needs: ReadonlyMap<string, TaskNeeds>, { balancer }: Outside): Checker => ({
  name: 'strategies-end',
  missing: observation => {
    let isWaiting = false
    for (const service of observation.services) {
      if (!isFollowed(service)) continue
      if (isFull(service, needs, observation)) isWaiting = true
      else {
        const wrong =
          unfinished(service, observation) ??
          misdirected(service, weightsOf(service, observation, balancer)) ??
          abandoned(service, observation, weightsOf(service, observation, balancer))
        if (wrong) return `${service.serviceArn} ${wrong}`
      }
    }
    return observation.effects > 0 && !isWaiting ? `${observation.effects} effects are left` : undefined
  },
})

/** Two revisions may need more room than the hosts have that are left. */
const isFull = (
  service: Service,
  needs: ReadonlyMap<string, TaskNeeds>,
  observation: Observation,
): boolean => {
  const need = needs.get(service.taskDefinition ?? '')
  if (need === undefined || service.pendingCount !== 0) return false
  const ofHook = hasOpenTask(service, observation) ? taskOfHooks(needs) : undefined
  return [need, ofHook].some(one => one !== undefined && !hasRoom(service, one, needs, observation))
}

/** The task of a hook needs room as well. */
const hasOpenTask = ({ serviceArn }: Service, { serviceDeployments }: Observation): boolean =>
  serviceDeployments
    .filter(one => one.serviceArn === serviceArn)
    .flatMap(({ lifecycleHookDetails = [] }) => lifecycleHookDetails)
    .some(({ targetArn, status }) => targetArn === migrateFunction && status === 'IN_PROGRESS')

const taskOfHooks = (needs: ReadonlyMap<string, TaskNeeds>): TaskNeeds | undefined =>
  [...needs].find(([arn]) => arn.includes('task-definition/batch:'))?.[1]

const unfinished = (
  { serviceArn, status, desiredCount, runningCount, pendingCount, deployments = [] }: Service,
  { serviceDeployments }: Observation,
): string | undefined => {
  if (status === 'DRAINING') return 'is DRAINING still'
  const newest = serviceDeployments.find(one => one.serviceArn === serviceArn)
  if (!ended.has(newest?.status ?? '')) return `is ${newest?.status} at ${newest?.lifecycleStage}`
  if (status === 'INACTIVE') return undefined
  if (deployments.find(({ status }) => status === 'PRIMARY')?.rolloutState === 'FAILED') return undefined
  // What may have traffic that could not be moved back runs on.
  if (newest?.status === 'ROLLBACK_FAILED') return undefined
  if (deployments.length !== 1) return `has ${deployments.length} deployments`
  return runningCount !== desiredCount || pendingCount !== 0
    ? `has ${runningCount} running and ${pendingCount} pending of ${desiredCount} tasks`
    : undefined
}

type Weights = Readonly<Record<string, number>>

/** By service revision. What an earlier service of the name left behind is nobody's. */
const weightsOf = (
  { serviceArn = '', createdAt }: Service,
  { trueTime }: Observation,
  { production }: Outside['balancer'],
): Weights => {
  const last = production.get(serviceArn)
  return last === undefined || last.at < trueTime(createdAt) ? {} : last.shift.weights
}

const misdirected = (
  { deployments = [], loadBalancers = [] }: Service,
  weights: Weights,
): string | undefined => {
  const [primary] = deployments
  if (loadBalancers.length === 0 || deployments.length !== 1 || primary?.rolloutState !== 'COMPLETED')
    return undefined
  const revision = Object.keys(weights).find(arn => arn.endsWith(`/${primary.id?.split('/').at(-1)}`))
  return weights[revision ?? ''] === 100 ? undefined : `${primary.id} has not all of the traffic`
}

/** Whatever has a part of the traffic has tasks, also where a roll-back has failed. */
const abandoned = (
  { deployments = [], desiredCount = 0 }: Service,
  { tasks }: Observation,
  weights: Weights,
): string | undefined => {
  if (desiredCount === 0 || deployments.length < 2) return undefined
  for (const [revision, weight] of Object.entries(weights)) {
    const id = deploymentOf(revision)
    const runs = [...tasks.values()].some(task => task.startedBy === id && task.lastStatus === 'RUNNING')
    if (weight > 0 && !runs) return `${id} has ${weight} % of the traffic, and no tasks`
  }
  return undefined
}
