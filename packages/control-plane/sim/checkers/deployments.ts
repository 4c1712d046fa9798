import type { Deployment, Service, Task } from '@aws-sdk/client-ecs'
import { type Acknowledged, clusterOf, serviceKey } from '../clients/acknowledged.ts'
import type { Checker, Observation } from './checker.ts'

/** A wish counts for so long after it was replaced: clocks are not exact. */
const BLUR_MS = 5_000

/** Every service has one PRIMARY deployment; one completes when its tasks run and no others; a roll-back goes to the last that did. */
export const deployments = (known: Acknowledged): Checker => {
  /** By service: those that completed, in the order of their creation. */
  const completed = new Map<string, Deployment[]>()
  const stateOf = new Map<string, Deployment>()
  return {
    name: 'deployments',
    learn: observation => {
      for (const service of observation.services) {
        const wrong = judgePrimary(service)
        if (wrong) return `${service.serviceArn}: ${wrong}`
        for (const deployment of (service.deployments ?? []).toReversed()) {
          const own = completed.get(service.serviceArn ?? '') ?? []
          completed.set(service.serviceArn ?? '', own)
          const before = stateOf.get(deployment.id ?? '')
          stateOf.set(deployment.id ?? '', deployment)
          const isNewRollback = isRollback(deployment) && !(before && isRollback(before))
          const wrongly = isNewRollback ? judgeRollback(deployment, own) : undefined
          if (wrongly) return `${service.serviceArn}: ${wrongly}`
          if (deployment.rolloutState !== 'COMPLETED' || before?.rolloutState === 'COMPLETED') continue
          if (!own.some(({ id }) => id === deployment.id)) own.push(deployment)
          // Of one that was first seen when it was replaced nobody knows when it had completed.
          if (deployment.status !== 'PRIMARY') continue
          const early = judgeCompleted(known, service, deployment, observation)
          if (early) return `${service.serviceArn}: ${early}`
        }
      }
      return undefined
    },
  }
}

const judgePrimary = ({
  status,
  deploymentController,
  deployments: all = [],
}: Service): string | undefined => {
  if (deploymentController?.type === 'EXTERNAL') return undefined
  const count = all.filter(deployment => deployment.status === 'PRIMARY').length
  return count > 1 || (count === 0 && status === 'ACTIVE') ? `has ${count} PRIMARY deployments` : undefined
}

const isRollback = ({ rolloutStateReason = '' }: Deployment): boolean =>
  rolloutStateReason.includes('rolling back to')

const judgeRollback = (
  { id, taskDefinition, rolloutStateReason = '' }: Deployment,
  completed: readonly Deployment[],
): string | undefined => {
  const named = /ecs-svc\/\d+/.exec(rolloutStateReason)?.[0]
  const target = completed.find(deployment => deployment.id === named)
  const newer = completed.find(({ createdAt }) => (createdAt ?? 0) > (target?.createdAt ?? 0))
  // One that completed between two readings was never seen.
  if (target === undefined) return undefined
  if (newer !== undefined && newer.id !== id)
    return `${id} rolls back to ${named}, and ${newer.id} completed after it`
  return target.taskDefinition === taskDefinition
    ? undefined
    : `${id} rolls back to ${named} of ${target.taskDefinition}, and is of ${taskDefinition}`
}

/** When the deployment completed enough of its tasks ran, and none of another deployment. */
const judgeCompleted = (
  known: Acknowledged,
  { clusterArn, serviceName, serviceArn }: Service,
  { id, createdAt = new Date(0), updatedAt }: Deployment,
  { tasks, trueTime, serviceDeployments }: Observation,
): string | undefined => {
  const brought = serviceDeployments.find(one => one.serviceArn === serviceArn && one.status === 'SUCCESSFUL')
  const { finishedAt } = brought ?? {}
  // Since then it may have been scaled, which is a change too.
  const completedAt = finishedAt && finishedAt >= createdAt ? finishedAt : updatedAt
  const at = completedAt?.getTime() ?? 0
  const when = trueTime(completedAt)
  const key = serviceKey(clusterOf(clusterArn), serviceName)
  const wishes = known.services.within(key, when - BLUR_MS, when + BLUR_MS, BLUR_MS)
  const wanted = wishes.map(wish => (typeof wish === 'string' ? 0 : wish.desiredCount))
  const own = [...tasks.values()].filter(
    task => serviceKey(clusterOf(task.clusterArn), task.group) === key && isThere(task, at),
  )
  const running = own.filter(({ startedBy, startedAt }) => startedBy === id && startedAt && +startedAt <= at)
  if (running.length < Math.min(...wanted, Number.POSITIVE_INFINITY) && wanted.length > 0)
    return `${id} is COMPLETED with ${running.length} tasks, of ${Math.min(...wanted)}`
  const old = own.find(({ startedBy }) => startedBy !== id)
  return old && `${id} is COMPLETED, and ${old.taskArn} of ${old.startedBy} was there still`
}

const isThere = ({ createdAt, stoppedAt }: Task, at: number): boolean =>
  createdAt !== undefined && createdAt.getTime() < at && (stoppedAt === undefined || stoppedAt.getTime() > at)
