import type { Service, Task } from '@aws-sdk/client-ecs'
import type { AcsFrame, BerthTargetHealth, PayloadMessage, TaskManifestMessage } from '@berth/model'
import { FRONT_PORT } from '../clients/families.ts'
import type { SimHost } from '../hosts/host.ts'
import type { Checker, Observation } from './checker.ts'

/** Tasks of load balancers are registered while they serve, drain before they are stopped, and are replaced when they answer nobody. */
export const targets = (hosts: readonly SimHost[]): Checker => {
  /** Whose hosts were told to stop them. */
  const toldToStop = new Set<string>()
  /** Target groups of which some host has said that a target is unhealthy. */
  const unhealthy = new Set<string>()
  const judged = new Set<string>()
  return {
    name: 'targets',
    sent: (_, frame) => {
      for (const arn of stoppedBy(frame)) toldToStop.add(arn)
      return undefined
    },
    heard: (_, { type, message }) => {
      if (type !== 'BerthTargetHealth') return undefined
      for (const { targetGroupArn, state } of (message as BerthTargetHealth).targets)
        if (state === 'unhealthy') unhealthy.add(targetGroupArn)
      return undefined
    },
    judge: observation => {
      const registered = new Set(observation.balancing?.targets.map(({ place }) => place))
      if (registered.size === 0) return undefined
      for (const arn of toldToStop) {
        const task = observation.tasks.get(arn)
        if (task === undefined || !isUp(task)) continue
        const place = placesOf(task, observation).find(one => registered.has(one))
        if (place !== undefined)
          return `the host of ${arn} was told to stop it, and ${place} is a target still`
      }
      return undefined
    },
    learn: observation => {
      for (const [arn, { stoppedReason = '' }] of observation.tasks) {
        const group = /ELB health checks in \(target-group ([^)]*)\)/.exec(stoppedReason)?.[1]
        if (group === undefined || judged.has(arn)) continue
        judged.add(arn)
        if (!unhealthy.has(group)) return `${arn} was stopped: ${stoppedReason}, and no host has said so`
      }
      return undefined
    },
    missing: observation => {
      for (const service of observation.services) {
        const wrong = astray(service, observation) ?? untrafficked(service, observation)
        if (wrong) return `${service.serviceName}: ${wrong}`
      }
      return strayTarget(observation) ?? mute(hosts, observation)
    },
  }
}

const stoppedBy = ({ type, message }: AcsFrame): readonly string[] => {
  if (type === 'PayloadMessage')
    return (message as PayloadMessage).tasks.flatMap(({ arn, desiredStatus }) =>
      desiredStatus === 'STOPPED' ? [arn] : [],
    )
  if (type !== 'TaskManifestMessage') return []
  return (message as TaskManifestMessage).tasks.flatMap(({ taskArn, desiredStatus }) =>
    desiredStatus === 'STOPPED' ? [taskArn] : [],
  )
}

/** Its essential containers run, as far as its host has said. */
const isUp = ({ lastStatus, containers = [] }: Task): boolean =>
  (lastStatus === 'RUNNING' || lastStatus === 'DEACTIVATING') &&
  containers.every(container => container.lastStatus !== 'STOPPED')

/** Where load balancers may reach it. */
const placesOf = (
  { containerInstanceArn, containers = [], attachments = [] }: Task,
  { instances }: Pick<Observation, 'instances'>,
): readonly string[] => {
  const address = attachments
    .flatMap(({ details = [] }) => details)
    .find(({ name }) => name === 'privateIPv4Address')?.value
  if (address !== undefined) return [`${address}:${FRONT_PORT}`]
  const host = instances.find(instance => instance.containerInstanceArn === containerInstanceArn)
  return containers
    .flatMap(({ networkBindings = [] }) => networkBindings)
    .map(({ hostPort }) => `${host?.ec2InstanceId}:${hostPort}`)
}

const ownTasks = ({ clusterArn, serviceName }: Service, { tasks }: Observation): readonly Task[] =>
  [...tasks.values()].filter(
    task =>
      task.clusterArn === clusterArn &&
      task.group === `service:${serviceName}` &&
      task.lastStatus === 'RUNNING' &&
      task.desiredStatus === 'RUNNING',
  )

const groupsOf = ({ loadBalancers = [] }: Service): readonly string[] =>
  loadBalancers.flatMap(({ targetGroupArn, advancedConfiguration }) =>
    [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn].filter(arn => arn !== undefined),
  )

/** A task of it that serves is no healthy target. */
const astray = (service: Service, observation: Observation): string | undefined => {
  const groups = groupsOf(service)
  if (observation.balancing === undefined || groups.length === 0) return undefined
  for (const task of ownTasks(service, observation)) {
    const places = placesOf(task, observation)
    const found = observation.balancing.targets.find(
      ({ targetGroupArn, place }) => groups.includes(targetGroupArn) && places.includes(place),
    )
    // Nobody asks the targets of a group that no rule names any more.
    if (found?.state !== 'healthy' && found?.state !== 'unused')
      return `${task.taskArn} is ${found?.state ?? 'no target'}`
  }
  return undefined
}

/** All traffic of a service goes to target groups that its tasks are in. */
const untrafficked = (service: Service, observation: Observation): string | undefined => {
  const { balancing, serviceDeployments } = observation
  const newest = serviceDeployments.find(({ serviceArn }) => serviceArn === service.serviceArn)
  const own = ownTasks(service, observation)
  if (balancing === undefined || own.length === 0 || newest?.status !== 'SUCCESSFUL') return undefined
  for (const { advancedConfiguration } of service.loadBalancers ?? []) {
    const weights = balancing.weights.get(advancedConfiguration?.productionListenerRule ?? '') ?? new Map()
    for (const [group, weight] of weights) {
      const places = balancing.targets.flatMap(one => (one.targetGroupArn === group ? [one.place] : []))
      const serves = own.some(task => placesOf(task, observation).some(place => places.includes(place)))
      if (weight > 0 && !serves) return `${group} has a weight of ${weight}, and no task of it`
    }
  }
  return undefined
}

const strayTarget = (observation: Observation): string | undefined => {
  const running = [...observation.tasks.values()].filter(isUp)
  const places = new Set(running.flatMap(task => placesOf(task, observation)))
  const stray = observation.balancing?.targets.find(({ place }) => !places.has(place))
  return stray && `${stray.place} is ${stray.state} in ${stray.targetGroupArn}, and no task is there`
}

/** A task that answers nobody has to go. */
const mute = (hosts: readonly SimHost[], { tasks }: Observation): string | undefined => {
  const deaf = hosts
    .filter(({ isGone }) => !isGone)
    .flatMap(({ engine }) => engine.running())
    .find(({ isDeaf, taskArn }) => isDeaf === true && tasks.get(taskArn)?.group?.startsWith('service:'))
  return deaf && `${deaf.taskArn} answers nobody, and runs on`
}
