/** What callers were told is done stays done. */
import type { Service } from '@aws-sdk/client-ecs'
import {
  type Acknowledged,
  clusterOf,
  type ServiceWish,
  type SpecifiedService,
  serviceKey,
} from '../clients/acknowledged.ts'
import type { Checker, Observation } from './checker.ts'

export const acknowledgedWrites = (known: Acknowledged): Checker => ({
  name: 'acknowledged-writes',
  judge: observation =>
    judgeStops(known) ??
    judgeServices(known, observation) ??
    judgeTasks(known, observation) ??
    judgeInstances(known, observation),
})

const judgeServices = (known: Acknowledged, { services }: Observation): string | undefined => {
  const byKey = new Map(
    services.map(
      service => [serviceKey(clusterOf(service.clusterArn), service.serviceName), service] as const,
    ),
  )
  for (const [name, expected] of known.services.expected) {
    const found = byKey.get(name)
    const earlier = (known.services.uttered.get(name) ?? []).flatMap(({ possible }) => possible)
    const matching = expected.possible.filter(wish =>
      matches(found, wish, earlier, known.stoppedServices.has(name)),
    )
    if (matching.length === 0)
      return `service ${name} is ${describe(found)}, and must be ${expected.possible.map(text).join(' or ')}`
    if (!expected.isUnderway) expected.possible = matching.slice(-1)
  }
  return undefined
}

const matches = (
  service: Service | undefined,
  wish: ServiceWish,
  earlier: readonly ServiceWish[],
  wasStopped: boolean,
): boolean => {
  if (wish === 'absent') return service === undefined
  if (wish === 'gone') return service?.status === 'DRAINING' || service?.status === 'INACTIVE'
  return (
    service?.status === 'ACTIVE' &&
    service.desiredCount === wish.desiredCount &&
    (service.taskDefinition === wish.taskDefinition || isRolledBack(service, wish, earlier, wasStopped)) &&
    service.deploymentConfiguration?.minimumHealthyPercent === wish.minimum &&
    service.deploymentConfiguration.maximumPercent === wish.maximum
  )
}

/** The circuit breaker goes back by itself, and a stop does, to what the service was asked to be before. */
const isRolledBack = (
  { taskDefinition }: Service,
  { breaker }: SpecifiedService,
  earlier: readonly ServiceWish[],
  wasStopped: boolean,
): boolean =>
  (breaker === 'rolls-back' || wasStopped) &&
  earlier.some(wish => typeof wish !== 'string' && wish.taskDefinition === taskDefinition)

const describe = (service: Service | undefined): string =>
  service === undefined
    ? 'absent'
    : `${service.status} with ${service.desiredCount} of ${service.taskDefinition?.split('/').at(-1)}`

const text = (wish: ServiceWish): string =>
  typeof wish === 'string'
    ? wish
    : `ACTIVE with ${wish.desiredCount} of ${wish.taskDefinition.split('/').at(-1)}`

const judgeTasks = (known: Acknowledged, { tasks, isComplete }: Observation): string | undefined => {
  for (const [arn, wish] of known.tasks) {
    const task = tasks.get(arn)
    if (task === undefined) {
      if (isComplete) return `${arn} was acknowledged, and is gone`
      continue
    }
    if (task.taskDefinitionArn !== wish.taskDefinition || task.startedBy !== wish.startedBy)
      return `${arn} is of ${task.taskDefinitionArn} and ${task.startedBy}, and was asked otherwise`
    if (known.stops.has(arn) && task.desiredStatus !== 'STOPPED') return `the stop of ${arn} was undone`
  }
  return isComplete ? judgeRuns(known, tasks) : undefined
}

/** One clientToken makes one set of tasks, however often the call is sent. */
const judgeRuns = (known: Acknowledged, tasks: Observation['tasks']): string | undefined => {
  const made = new Map<string, string[]>()
  for (const [arn, { startedBy = '' }] of tasks) made.set(startedBy, [...(made.get(startedBy) ?? []), arn])
  for (const [startedBy, { most, answer }] of known.runs) {
    const arns = made.get(startedBy) ?? []
    if (arns.length > (answer?.length ?? most))
      return `one call with one token, ${startedBy}, made ${arns.length} tasks, and at most ${answer?.length ?? most} were asked`
  }
  return undefined
}

const judgeInstances = (known: Acknowledged, { instances }: Observation): string | undefined => {
  for (const [arn, expected] of known.instances.expected) {
    const status =
      instances.find(({ containerInstanceArn }) => containerInstanceArn === arn)?.status ?? 'INACTIVE'
    const matching = expected.possible.filter(possible => possible === status)
    if (matching.length === 0) return `${arn} is ${status}, and must be ${expected.possible.join(' or ')}`
    if (!expected.isUnderway) expected.possible = matching.slice(-1)
  }
  return undefined
}

const judgeStops = (known: Acknowledged): string | undefined => {
  for (const [arn, status] of known.shownAfterStop)
    if (!status.startsWith('STOP') && !status.startsWith('ROLLBACK'))
      return `${arn} was stopped, and is shown ${status}`
  return undefined
}
