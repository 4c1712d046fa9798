import type { Service, Task } from '@aws-sdk/client-ecs'
import type { Acknowledged } from '../clients/acknowledged.ts'
import type { Checker, TaskNeeds } from './checker.ts'

/** Callers stop what they ask to be stopped, services stop tasks of their own only, and nobody sooner than is allowed. */
export const stopReasons = (known: Acknowledged, needs: ReadonlyMap<string, TaskNeeds>): Checker => {
  const judged = new Set<string>()
  return {
    name: 'stop-reasons',
    learn: ({ tasks, services }) => {
      const owners = new Map(
        services.map(service => [`${service.clusterArn} service:${service.serviceName}`, service]),
      )
      for (const [arn, task] of tasks) {
        if (task.stoppedReason === undefined || judged.has(arn)) continue
        judged.add(arn)
        const wrong =
          judgeStop(task, known) ?? judgeHealth(task, needs, owners.get(`${task.clusterArn} ${task.group}`))
        if (wrong) return `${arn}: ${wrong}`
      }
      return undefined
    },
  }
}

const judgeStop = (
  { taskArn = '', stopCode, stoppedReason = '', startedBy = '' }: Task,
  known: Acknowledged,
): string | undefined => {
  if (stopCode === 'ServiceSchedulerInitiated' && !startedBy.startsWith('ecs-svc/'))
    return `${startedBy} is no service, and it was stopped with "${stoppedReason}"`
  const isForced = stoppedReason.includes('deregistration forced')
  return stopCode === 'UserInitiated' && !isForced && !known.stopCalls.has(taskArn)
    ? `nobody asked to stop it, and it was stopped with "${stoppedReason}"`
    : undefined
}

const judgeHealth = (
  { createdAt = new Date(0), startedAt, stoppingAt, stoppedReason = '', taskDefinitionArn = '' }: Task,
  needs: ReadonlyMap<string, TaskNeeds>,
  owner: Service | undefined,
): string | undefined => {
  if (!stoppedReason.includes('failed container health checks')) return undefined
  if (!needs.get(taskDefinitionArn)?.isChecked) return 'it has no health check, and failed it'
  // A service of the same name that was made later has a grace period of its own.
  const isOwner = owner?.createdAt !== undefined && owner.createdAt <= createdAt
  const graceSeconds = isOwner ? (owner.healthCheckGracePeriodSeconds ?? 0) : 0
  const age = (stoppingAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0)
  return age < graceSeconds * 1000
    ? `it was stopped as unhealthy ${age} ms after its start, within ${graceSeconds} s of grace`
    : undefined
}
