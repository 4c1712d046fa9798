import type { ServiceDeployment, Task } from '@aws-sdk/client-ecs'
import type { Checker, Observation } from './checker.ts'
import { deploymentOf, isOfFollowed } from './followed-deployments.ts'

const MINUTE_MS = 60_000
/** Where alarms are watched and no time is given. */
const BAKE_OF_ALARMS_MS = 3 * MINUTE_MS

/** A deployment succeeds only when its bake time has passed since tasks of it ran. */
export const bakeTimes = (): Checker => {
  const judged = new Set<string>()
  return {
    name: 'bake-times',
    learn: ({ serviceDeployments, tasks }) => {
      for (const deployment of serviceDeployments.filter(isOfFollowed)) {
        const { serviceDeploymentArn: arn = '', status } = deployment
        if (status !== 'SUCCESSFUL' || judged.has(arn)) continue
        judged.add(arn)
        const wrong = judgeBake(deployment, tasks)
        if (wrong) return `${arn} ${wrong}`
      }
      return undefined
    },
  }
}

/** All times are the servers'. */
const judgeBake = (deployment: ServiceDeployment, tasks: Observation['tasks']): string | undefined => {
  const bakeMs = bakeMsOf(deployment, tasks)
  const target = deploymentOf(deployment.targetServiceRevision?.arn)
  const started = [...tasks.values()].filter(task => task.startedBy === target).map(startOf)
  const baked = Number(deployment.finishedAt) - Math.min(...started)
  return bakeMs > 0 && baked < bakeMs
    ? `is SUCCESSFUL ${baked} ms after the start of its first task, and was to bake for ${bakeMs}`
    : undefined
}

const startOf = ({ startedAt }: Task): number => startedAt?.getTime() ?? Number.POSITIVE_INFINITY

/** One that was told to stop may drain for long. */
const endOf = ({ stoppingAt, stoppedAt }: Task): number =>
  (stoppingAt ?? stoppedAt)?.getTime() ?? Number.POSITIVE_INFINITY

const bakeMsOf = (deployment: ServiceDeployment, tasks: Observation['tasks']): number => {
  const { deploymentConfiguration, alarms } = deployment
  const { bakeTimeInMinutes = 0, strategy = 'ROLLING' } = deploymentConfiguration ?? {}
  if (strategy !== 'ROLLING') return hasSource(deployment, tasks) ? bakeTimeInMinutes * MINUTE_MS : 0
  if (bakeTimeInMinutes > 0) return bakeTimeInMinutes * MINUTE_MS
  return alarms?.status === 'MONITORING_COMPLETE' ? BAKE_OF_ALARMS_MS : 0
}

/** Tasks of what it replaces ran when it began: nothing bakes beside nothing. */
const hasSource = (
  { sourceServiceRevisions = [], startedAt }: ServiceDeployment,
  tasks: Observation['tasks'],
): boolean => {
  const sources = new Set(sourceServiceRevisions.map(({ arn }) => deploymentOf(arn)))
  const began = startedAt?.getTime() ?? 0
  return [...tasks.values()].some(
    task => sources.has(task.startedBy ?? '') && startOf(task) <= began && endOf(task) > began,
  )
}
