import type { Task } from '@aws-sdk/client-ecs'
import type { SimVolume } from '../hosts/engine.ts'
import type { SimHost } from '../hosts/host.ts'
import type { Checker, Observation } from './checker.ts'

/** A report of a host may be under way for so long before the API knows, and after. */
const UNDER_WAY_MS = 30_000

interface Made {
  readonly host: string
  readonly taskArn: string
  readonly at: number
}

/** Each EBS volume is one task's, on one host; the API lists those that there are, and in the end no others. */
export const volumes = (hosts: readonly SimHost[], now: () => number): Checker => {
  const made = new Map<string, Made>()
  return {
    name: 'volumes',
    attached: (host, { volumeId, taskArn }) => {
      const before = made.get(volumeId)
      made.set(volumeId, before ?? { host, taskArn, at: now() })
      return before && (before.host !== host || before.taskArn !== taskArn)
        ? `${volumeId} of ${taskArn} is on ${host}, and was made for ${before.taskArn} on ${before.host}`
        : undefined
    },
    judge: observation => {
      const listed = new Set(observation.volumes.map(({ VolumeId = '' }) => VolumeId))
      for (const { volumeId, taskArn, isInUse } of current(hosts)) {
        const runs = observation.tasks.get(taskArn)?.lastStatus === 'RUNNING'
        if (isInUse && runs && !listed.has(volumeId)) return `${volumeId} of ${taskArn} is not listed`
      }
      return undefined
    },
    missing: observation => stray(hosts, observation) ?? lost(hosts, made, observation, now()),
  }
}

/** On hosts that are there, of the instances that they are. */
const current = (hosts: readonly SimHost[]): readonly SimVolume[] =>
  hosts.flatMap(({ engine, disk, isGone }) =>
    isGone
      ? []
      : [...engine.volumes.values()].filter(
          ({ containerInstanceArn }) => containerInstanceArn === disk.containerInstanceArn,
        ),
  )

/** A host has it, and nobody knows. */
const stray = (hosts: readonly SimHost[], observation: Observation): string | undefined => {
  const listed = new Set(observation.volumes.map(({ VolumeId = '' }) => VolumeId))
  const known = new Set(observation.instances.map(({ containerInstanceArn }) => containerInstanceArn))
  const one = current(hosts).find(
    ({ volumeId, containerInstanceArn }) => known.has(containerInstanceArn) && !listed.has(volumeId),
  )
  return one && `a host keeps ${one.volumeId} of ${one.taskArn}, which is not listed`
}

/**
 * It is listed, and its host, which is there, does not have it. One whose host never said so, as its task was given up or the
 * agent had lost its memory, is listed until the task is forgotten.
 */
const lost = (
  hosts: readonly SimHost[],
  made: ReadonlyMap<string, Made>,
  { volumes: listed, tasks, instances }: Observation,
  now: number,
): string | undefined => {
  const there = new Set(hosts.flatMap(({ engine }) => [...engine.volumes.keys()]))
  const known = new Set(instances.map(({ containerInstanceArn }) => containerInstanceArn))
  for (const { VolumeId = '', State } of listed) {
    const { host, taskArn = '', at = now } = made.get(VolumeId) ?? {}
    const task = tasks.get(taskArn)
    const isOfDead = hosts.some(({ name, isGone }) => name === host && isGone)
    if (there.has(VolumeId) || isOfDead || !known.has(task?.containerInstanceArn) || !isOver(task)) continue
    if (now - at > UNDER_WAY_MS) return `${VolumeId} is ${State}, and no host has it`
  }
  return undefined
}

/** Its host has said what became of its volume. */
const isOver = (task: Task | undefined): boolean =>
  task?.attachments?.some(({ status }) => status === 'DELETED' || status === 'DETACHED') === true
