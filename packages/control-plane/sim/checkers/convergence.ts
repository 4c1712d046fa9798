/** In the end everything is as it was asked to be, as far as what stays dead allows. */
import type { ContainerInstance, Service, Task } from '@aws-sdk/client-ecs'
import { type Acknowledged, clusterOf, serviceKey } from '../clients/acknowledged.ts'
import { shortArn } from '../hosts/engine.ts'
import { MOST_INTERFACES, type SimHost } from '../hosts/host.ts'
import type { Checker, Observation, TaskNeeds } from './checker.ts'
import { isFollowed } from './followed-deployments.ts'

export const convergence = (
  known: Acknowledged,
  hosts: readonly SimHost[],
  needs: ReadonlyMap<string, TaskNeeds>,
): readonly Checker[] => {
  const alive = (): readonly SimHost[] => hosts.filter(({ isGone }) => !isGone)
  return [
    { name: 'engines-and-api-agree', missing: observation => enginesDiffer(alive(), observation) },
    { name: 'health-is-told', missing: observation => healthDiffers(alive(), observation) },
    { name: 'stops-are-done', missing: stopsAreDone },
    { name: 'lost-hosts-are-given-up', missing: observation => lostAreGivenUp(hosts, observation) },
    { name: 'services-are-steady', missing: observation => servicesAreSteady(known, needs, observation) },
    { name: 'reports-are-acknowledged', missing: () => reportsAreAcknowledged(alive()) },
  ]
}

const enginesDiffer = (hosts: readonly SimHost[], { tasks }: Observation): string | undefined => {
  const running = new Set(hosts.flatMap(({ engine }) => engine.running().map(({ taskArn }) => taskArn)))
  for (const arn of running) {
    const task = tasks.get(arn)
    if (task?.lastStatus === 'STOPPED') return `${arn} is STOPPED, and runs`
    if (task !== undefined && task.lastStatus !== 'RUNNING')
      return `${arn} runs, and is shown ${task.lastStatus}`
  }
  for (const [arn, { lastStatus }] of tasks)
    if (lastStatus === 'RUNNING' && !running.has(arn)) return `${arn} is shown RUNNING, and does not run`
  return undefined
}

const healthDiffers = (hosts: readonly SimHost[], { tasks }: Observation): string | undefined => {
  for (const { taskArn, name, health, status, essential } of hosts.flatMap(({ engine }) =>
    engine.running(),
  )) {
    const task = tasks.get(taskArn)
    const shown = task?.containers?.find(container => container.name === name)?.healthStatus
    if (task === undefined || health === undefined || status !== 'running') continue
    if (shown !== health) return `${name} of ${taskArn} is ${health}, and shown ${shown}`
    if (essential && task.healthStatus !== health) return `${taskArn} is ${health}, and ${task.healthStatus}`
  }
  return undefined
}

const stopsAreDone = ({ tasks }: Observation): string | undefined => {
  for (const [arn, { desiredStatus, lastStatus }] of tasks)
    if (desiredStatus === 'STOPPED' && lastStatus !== 'STOPPED')
      return `${arn} is to stop, and is ${lastStatus}`
  for (const [arn, { lastStatus }] of tasks)
    if (lastStatus !== 'STOPPED' && lastStatus !== 'RUNNING') return `${arn} is still ${lastStatus}`
  return undefined
}

const lostAreGivenUp = (hosts: readonly SimHost[], { tasks, instances }: Observation): string | undefined => {
  for (const { disk, isGone, name } of hosts) {
    const instance = instances.find(found => found.containerInstanceArn === disk.containerInstanceArn)
    if (instance === undefined || instance.status === 'INACTIVE') continue
    if (instance.agentConnected === isGone)
      return `${name} is ${isGone ? 'gone' : 'back'}, and agentConnected is ${instance.agentConnected}`
    if (!isGone) continue
    for (const [arn, task] of tasks)
      if (task.containerInstanceArn === disk.containerInstanceArn && task.lastStatus !== 'STOPPED')
        return `${arn} is ${task.lastStatus} on ${name}, which is gone`
  }
  return undefined
}

const servicesAreSteady = (
  known: Acknowledged,
  needs: ReadonlyMap<string, TaskNeeds>,
  observation: Observation,
): string | undefined => {
  for (const service of observation.services) {
    const wasStopped = known.stoppedServices.has(
      serviceKey(clusterOf(service.clusterArn), service.serviceName),
    )
    const wrong = isUnsteady(service, needs, observation, wasStopped)
    if (wrong) return `${service.serviceName}: ${wrong}`
  }
  return undefined
}

const isUnsteady = (
  service: Service,
  needs: ReadonlyMap<string, TaskNeeds>,
  observation: Observation,
  wasStopped: boolean,
): string | undefined => {
  const { status, desiredCount = 0, runningCount = 0, pendingCount = 0, deployments = [] } = service
  // Where its tasks are to be is another checker's.
  if (
    service.schedulingStrategy === 'DAEMON' ||
    isFollowed(service) ||
    service.deploymentController?.type === 'EXTERNAL'
  )
    return undefined
  if (status === 'DRAINING') return 'is DRAINING still'
  if (status === 'INACTIVE') return runningCount + pendingCount > 0 ? 'is INACTIVE with tasks' : undefined
  const own = [...observation.tasks.values()].filter(
    ({ group, lastStatus, clusterArn }) =>
      group === `service:${service.serviceName}` &&
      clusterArn === service.clusterArn &&
      lastStatus === 'RUNNING',
  )
  if (own.length !== runningCount) return `says that ${runningCount} tasks run, and ${own.length} do`
  const need = needs.get(service.taskDefinition ?? '')
  if (isGivenUp(service, wasStopped)) return undefined
  const isFull = need !== undefined && pendingCount === 0 && !hasRoom(service, need, needs, observation)
  if (runningCount <= desiredCount && (isFull || isBlocked(service))) return undefined
  if (runningCount !== desiredCount || pendingCount !== 0)
    return `has ${runningCount} running and ${pendingCount} pending of ${desiredCount} tasks`
  const ill = own.find(({ healthStatus }) => healthStatus === 'UNHEALTHY')
  if (ill !== undefined) return `keeps ${ill.taskArn}, which is UNHEALTHY`
  if (deployments.length !== 1) return `has ${deployments.length} deployments`
  if (deployments[0]?.rolloutState !== 'COMPLETED') return `its rollout is ${deployments[0]?.rolloutState}`
  return need && isUnbalanced(service, own, need, needs, observation)
}

/** A zone with room has two tasks fewer than another one. */
const isUnbalanced = (
  service: Service,
  own: readonly Task[],
  need: TaskNeeds,
  needs: ReadonlyMap<string, TaskNeeds>,
  observation: Observation,
): string | undefined => {
  if (service.availabilityZoneRebalancing !== 'ENABLED') return undefined
  const zones = Map.groupBy(observation.instances, zoneOf)
  const counts = new Map([...zones.keys()].map(zone => [zone, 0]))
  for (const { availabilityZone = '' } of own)
    counts.set(availabilityZone, (counts.get(availabilityZone) ?? 0) + 1)
  const most = Math.max(...counts.values())
  for (const [zone, instances] of zones)
    if ((counts.get(zone) ?? 0) < most - 1 && hasRoom(service, need, needs, { ...observation, instances }))
      return `has ${counts.get(zone)} tasks in ${zone}, and ${most} in another zone`
  return undefined
}

const zoneOf = ({ attributes = [] }: ContainerInstance): string =>
  attributes.find(({ name }) => name === 'ecs.availability-zone')?.value ?? ''

/** Its circuit breaker, or who stopped it, lets it launch no more tasks, and stop none. */
const isGivenUp = (
  { deploymentConfiguration, deployments = [], desiredCount = 0, runningCount = 0 }: Service,
  wasStopped: boolean,
): boolean =>
  (wasStopped || deploymentConfiguration?.deploymentCircuitBreaker?.enable === true) &&
  runningCount <= desiredCount &&
  deployments.find(({ status }) => status === 'PRIMARY')?.rolloutState === 'FAILED'

/** One task with 50 % and 100 %, say: it may neither go first nor have a second one beside it. */
const isBlocked = ({ desiredCount = 0, deploymentConfiguration, deployments = [] }: Service): boolean => {
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = deploymentConfiguration ?? {}
  const least = Math.ceil((desiredCount * minimumHealthyPercent) / 100)
  return deployments.length > 1 && Math.floor((desiredCount * maximumPercent) / 100) <= least
}

/** Whether some instance could still take such a task. */
export const hasRoom = (
  { clusterArn }: Service,
  need: TaskNeeds,
  needs: ReadonlyMap<string, TaskNeeds>,
  { instances, tasks }: Observation,
): boolean =>
  instances.some(
    instance =>
      instance.status === 'ACTIVE' &&
      clusterOf(instance.containerInstanceArn) === clusterOf(clusterArn) &&
      instance.agentConnected === true &&
      remaining(instance, 'CPU') >= need.cpu &&
      remaining(instance, 'MEMORY') >= need.memory &&
      !(need.port !== undefined && isHeld(need.port, instance, needs, tasks)) &&
      !(need.hasInterface && interfacesOn(instance, needs, tasks) >= MOST_INTERFACES),
  )

const interfacesOn = (
  { containerInstanceArn }: ContainerInstance,
  needs: ReadonlyMap<string, TaskNeeds>,
  tasks: Observation['tasks'],
): number =>
  [...tasks.values()].filter(
    task =>
      task.containerInstanceArn === containerInstanceArn &&
      task.lastStatus !== 'STOPPED' &&
      needs.get(task.taskDefinitionArn ?? '')?.hasInterface === true,
  ).length

const isHeld = (
  port: number,
  { containerInstanceArn }: ContainerInstance,
  needs: ReadonlyMap<string, TaskNeeds>,
  tasks: Observation['tasks'],
): boolean =>
  [...tasks.values()].some(
    task =>
      task.containerInstanceArn === containerInstanceArn &&
      task.lastStatus !== 'STOPPED' &&
      needs.get(task.taskDefinitionArn ?? '')?.port === port,
  )

const remaining = ({ remainingResources }: ContainerInstance, name: string): number =>
  remainingResources?.find(resource => resource.name === name)?.integerValue ?? 0

const reportsAreAcknowledged = (hosts: readonly SimHost[]): string | undefined => {
  const waiting = hosts.find(({ agent }) => agent?.isSettled !== true)
  if (waiting === undefined) return undefined
  const reports = waiting.disk.reports.map(({ change }) => `${change.status} of ${shortArn(change.taskArn)}`)
  return `${waiting.name} has reports that nobody acknowledges, or no session: ${reports.slice(0, 5).join(', ')}`
}
