/** Deployments with two revisions side by side: no stage is skipped, blue stays, and traffic goes where tasks run. */
import type { Deployment, Service, ServiceDeployment, Task } from '@aws-sdk/client-ecs'
import { type Acknowledged, clusterOf, serviceKey } from '../clients/acknowledged.ts'
import { strategyService } from '../clients/strategy-caller.ts'
import type { Shifted } from '../outside/balancer.ts'
import { checkFunction } from '../outside/functions.ts'
import type { Outside } from '../outside/outside.ts'
import type { Checker, Observation } from './checker.ts'
import { deploymentOf, isOfFollowed } from './followed-deployments.ts'

const BLUR_MS = 5_000
const SHORTEST_PAUSE_MS = 60_000

interface Seen {
  readonly services: ReadonlyMap<string, Service>
  readonly deployments: Map<string, ServiceDeployment>
  /** Pauses that awaited their answer, and at which stage. */
  readonly pauses: Map<string, { readonly stage: string; readonly expiresAt: Date | undefined }>
  /** Tasks that were told to stop. */
  readonly stopping: Set<string>
}

export const strategies = (known: Acknowledged, outside: Outside): Checker => {
  let seen: Seen = { services: new Map(), deployments: new Map(), pauses: new Map(), stopping: new Set() }
  const waiting: Shifted[] = []
  return {
    name: 'strategies',
    learn: observation => {
      waiting.push(...outside.balancer.shifted.splice(0))
      const due = waiting.splice(0, waiting.filter(({ at }) => at < observation.at).length)
      const wrong =
        first(due, shifted => judgeShift(shifted, observation)) ??
        first(observation.serviceDeployments.filter(isOfFollowed), one =>
          judgeDeployment(known, outside, seen, one, observation),
        ) ??
        judgeHookTasks(observation) ??
        first([...observation.tasks.values()], task => judgeTask(known, seen, task, observation))
      seen = { ...seen, services: new Map(observation.services.map(one => [one.serviceArn ?? '', one])) }
      return wrong
    },
  }
}

const first = <T>(all: readonly T[], judge: (one: T) => string | undefined): string | undefined => {
  for (const one of all) {
    const wrong = judge(one)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const judgeShift = ({ at, shift }: Shifted, { tasks, trueTime }: Observation): string | undefined => {
  const { weights, traffic } = shift
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0)
  if (Math.abs(sum - 100) > 1e-6) return `the weights ${JSON.stringify(weights)} are ${sum} together`
  if (traffic === 'test') return undefined
  const own = [...tasks.values()].filter(
    ({ group, clusterArn }) =>
      group === `service:${strategyService}` && shift.serviceArn.includes(`/${clusterOf(clusterArn)}/`),
  )
  const runs = ({ startedAt, stoppingAt, stoppedAt }: Task): boolean =>
    startedAt !== undefined &&
    trueTime(startedAt) < at - BLUR_MS &&
    [stoppingAt, stoppedAt].every(time => time === undefined || trueTime(time) > at + BLUR_MS)
  const parts = Object.keys(weights).map(deploymentOf)
  for (const [index, [revision, weight]] of Object.entries(weights).entries()) {
    const id = deploymentOf(revision)
    const started = own.filter(
      task => task.startedBy === id && task.startedAt && trueTime(task.startedAt) <= at + BLUR_MS,
    )
    const serves = started.some(task => !(isScaling(task) && trueTime(task.stoppingAt) < at - BLUR_MS))
    // A source that has never run is as good as none, where nothing else runs.
    const isEmpty = started.length === 0 && index > 0
    const hasBetter = own.some(task => runs(task) && (!isEmpty || !parts.includes(task.startedBy ?? '')))
    if (weight > 0 && !serves && hasBetter)
      return `${weight} % of the traffic go to ${id}, which has no tasks`
  }
  return undefined
}

const judgeDeployment = (
  known: Acknowledged,
  outside: Outside,
  seen: Seen,
  deployment: ServiceDeployment,
  observation: Observation,
): string | undefined => {
  const { serviceDeploymentArn: arn = '', status } = deployment
  const before = seen.deployments.get(arn)
  seen.deployments.set(arn, deployment)
  const isNew = before?.status !== status
  const wrong =
    judgePauses(known, seen, deployment, observation) ??
    judgeAhead(deployment, observation) ??
    (isNew && status === 'SUCCESSFUL' ? judgeStages(known, outside, deployment) : undefined) ??
    (isNew && status === 'ROLLBACK_SUCCESSFUL' ? judgeRolledBack(deployment, observation) : undefined)
  return wrong && `${arn}: ${wrong}`
}

const judgePauses = (
  known: Acknowledged,
  { pauses }: Seen,
  { status, lifecycleStage, lifecycleHookDetails = [] }: ServiceDeployment,
  { serverNow }: Observation,
): string | undefined => {
  const stage: string = lifecycleStage ?? ''
  const isForward = status === 'IN_PROGRESS' || status === 'SUCCESSFUL'
  for (const { hookId = '', targetType, status: state, expiresAt } of lifecycleHookDetails) {
    if (targetType !== 'PAUSE') continue
    const paused = pauses.get(hookId) ?? { stage, expiresAt }
    pauses.set(hookId, paused)
    const awaits = state === 'AWAITING_ACTION'
    const isOver = status !== 'IN_PROGRESS' && status !== 'STOP_REQUESTED' && status !== 'ROLLBACK_REQUESTED'
    if (awaits && isOver) return `it is ${status}, and awaits an answer to ${hookId}`
    if (awaits && paused.stage !== stage)
      return `it went from ${paused.stage} to ${stage}, and awaits ${hookId}`
    const mayGoOn = known.continued.has(hookId) || serverNow + BLUR_MS >= Number(paused.expiresAt)
    if (isForward && paused.stage !== stage && !mayGoOn) return `it went on from ${paused.stage}, unanswered`
    if (state === 'SUCCEEDED' && !known.continued.has(hookId)) return `nobody let ${hookId} go on`
  }
  return undefined
}

/** A call of a hook runs one task. */
const judgeHookTasks = ({ tasks }: Observation): string | undefined => {
  const callers = new Set<string>()
  for (const [arn, { startedBy = '' }] of tasks) {
    if (!startedBy.startsWith('lifecycle-hook/')) continue
    if (callers.has(startedBy)) return `${arn} is the second task of ${startedBy}`
    callers.add(startedBy)
  }
  return undefined
}

/** Nothing of green is there before it is to be scaled up. */
const judgeAhead = (
  { status, lifecycleStage, targetServiceRevision }: ServiceDeployment,
  { tasks }: Observation,
): string | undefined => {
  const isAhead = lifecycleStage === 'PRE_SCALE_UP' || lifecycleStage === 'RECONCILE_SERVICE'
  if (status !== 'IN_PROGRESS' || !isAhead) return undefined
  const target = deploymentOf(targetServiceRevision?.arn)
  const early = [...tasks.values()].find(({ startedBy }) => startedBy === target)
  return early && `it is at ${lifecycleStage}, and ${early.taskArn} was started`
}

/** Every stage that had hooks has been passed by them. */
const judgeStages = (
  known: Acknowledged,
  outside: Outside,
  { serviceDeploymentArn: arn, createdAt, finishedAt, deploymentConfiguration }: ServiceDeployment,
): string | undefined => {
  const lasted = Number(finishedAt) - Number(createdAt)
  for (const { targetType, hookTargetArn, lifecycleStages = [] } of deploymentConfiguration?.lifecycleHooks ??
    [])
    for (const stage of lifecycleStages) {
      if (stage === 'RECONCILE_SERVICE') continue
      const key = `${arn} ${stage}`
      if (targetType === 'PAUSE' && !known.continuedStages.has(key) && lasted < SHORTEST_PAUSE_MS)
        return `it is SUCCESSFUL, and has not paused at ${stage}`
      if (hookTargetArn === checkFunction && !outside.functions.passed.has(key))
        return `it is SUCCESSFUL, and the function was not asked at ${stage}`
    }
  return undefined
}

const judgeRolledBack = (
  { rollback, finishedAt, serviceArn, clusterArn }: ServiceDeployment,
  { tasks }: Observation,
): string | undefined => {
  const kept = deploymentOf(rollback?.serviceRevisionArn)
  const other = [...tasks.values()].find(
    task =>
      task.lastStatus !== 'STOPPED' &&
      task.group === `service:${serviceArn?.split('/').at(-1)}` &&
      task.clusterArn === clusterArn &&
      task.startedBy !== kept &&
      Number(task.createdAt) < Number(finishedAt),
  )
  return other && `it is rolled back to ${kept}, and ${other.taskArn} of ${other.startedBy} is there`
}

const isScaling = ({ stoppingAt, stoppedReason }: Task): boolean =>
  stoppingAt !== undefined && stoppedReason?.startsWith('Scaling activity') === true

/** Blue is not stopped below the desired count before the deployment cleans up. */
const judgeTask = (
  known: Acknowledged,
  seen: Seen,
  task: Task,
  observation: Observation,
): string | undefined => {
  const { taskArn = '', group, clusterArn, startedBy, stoppingAt } = task
  if (group !== `service:${strategyService}` || stoppingAt === undefined || seen.stopping.has(taskArn))
    return undefined
  seen.stopping.add(taskArn)
  const ofService = (one: { serviceArn?: string | undefined }): boolean =>
    one.serviceArn?.endsWith(`/${clusterOf(clusterArn)}/${strategyService}`) === true
  const deployment = observation.serviceDeployments.find(ofService)
  const isKept = deployment?.status === 'IN_PROGRESS' && deployment.lifecycleStage !== 'CLEAN_UP'
  const before = [...seen.services.values()].find(ofService)
  const blue = blueOf(before?.deployments)
  if (!isScaling(task) || !isKept || startedBy !== blue?.id) return undefined
  const when = observation.trueTime(stoppingAt)
  // Before it began, the one before it may have been cleaning up.
  if (observation.trueTime(deployment.startedAt) > when) return undefined
  const wishes = known.strategies.within(
    serviceKey(clusterOf(clusterArn), strategyService),
    when - BLUR_MS,
    when + BLUR_MS,
    BLUR_MS,
  )
  // What lacks tasks may not be what serves.
  if ((blue?.runningCount ?? 0) + (blue?.pendingCount ?? 0) < Math.max(...wishes)) return undefined
  const left = [...observation.tasks.values()].filter(
    one =>
      one.startedBy === startedBy &&
      Number(one.createdAt) <= +stoppingAt &&
      (one.stoppingAt === undefined || one.stoppingAt > stoppingAt),
  ).length
  const least = Math.min(...wishes)
  return left < least ? `${taskArn} of blue was stopped, which left ${left} of ${least}` : undefined
}

/** The newest that completed serves meanwhile. */
const blueOf = (deployments: readonly Deployment[] = []): Deployment | undefined =>
  deployments.find(({ status, rolloutState }) => status !== 'PRIMARY' && rolloutState === 'COMPLETED')
