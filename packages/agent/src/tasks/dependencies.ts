/**
 * The order in which a task's containers are created, started and stopped. Pure.
 * START: the other runs, or has run; COMPLETE: it ended with an exit code; SUCCESS: with 0; HEALTHY: its check passes.
 */
import type { PayloadContainer } from '@berth/model'
import { routerBefore } from '../firelens/router.ts'
import {
  dependencyMissing,
  dependencyNeverStarted,
  dependencyTimedOut,
  dependencyUnsuccessful,
} from './stop-reasons.ts'
import {
  type ContainerState,
  containerNamed,
  definitionOf,
  hasReached,
  type TaskState,
} from './task-state.ts'

type Condition = 'CREATE' | 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY'

interface Dependency {
  readonly containerName: string
  readonly condition: Condition
}

/** `db:database` and `db` both name the container `db`. */
export const linkedContainer = (link: string): string => link.split(':')[0] ?? link

/** A link needs the other to run, and volumesFrom needs it to exist, without dependsOn saying so. */
const dependenciesOf = (container: PayloadContainer): readonly Dependency[] => [
  ...(container.dependsOn ?? []),
  ...(container.links ?? []).map(link => ({
    containerName: linkedContainer(link),
    condition: 'START' as const,
  })),
  ...(container.volumesFrom ?? []).map(from => ({
    containerName: from.sourceContainer,
    condition: 'CREATE' as const,
  })),
]

export const hasCycle = (containers: readonly PayloadContainer[]): boolean => {
  const byName = new Map(containers.map(container => [container.name, container]))
  const done = new Set<string>()
  const leadsBack = (name: string, path: ReadonlySet<string>): boolean => {
    if (path.has(name)) return true
    const container = byName.get(name)
    if (!container || done.has(name)) return false
    const further = new Set(path).add(name)
    const found = dependenciesOf(container).some(dependency => leadsBack(dependency.containerName, further))
    done.add(name)
    return found
  }
  return containers.some(container => leadsBack(container.name, new Set()))
}

/** `waiting` may carry the time at which to look again; `failed`: it can never start. */
export type Verdict =
  | { readonly is: 'ready' }
  | { readonly is: 'waiting'; readonly until?: number }
  | { readonly is: 'failed'; readonly reason: string }

const ready: Verdict = { is: 'ready' }
const waiting: Verdict = { is: 'waiting' }

/**
 * An engine creates a container only when those that it links to, or takes volumes from, exist; one that logs to the
 * task's router is given the address that the router has once it runs.
 */
export const mayCreate = (task: TaskState, container: ContainerState): boolean => {
  const definition = definitionOf(task, container.name)
  const router = definition && containerNamed(task, routerBefore(task.payload, definition) ?? '')
  if (router && !hasReached(router, 'RUNNING')) return false
  const needed = [
    ...(definition?.links ?? []).map(linkedContainer),
    ...(definition?.volumesFrom ?? []).map(from => from.sourceContainer),
  ]
  return needed.every(name => {
    const other = containerNamed(task, name)
    return other !== undefined && hasReached(other, 'CREATED')
  })
}

const isMet = (other: ContainerState, condition: Condition): boolean => {
  const hasEnded = other.step === 'STOPPED' && other.startedAt !== undefined && other.exitCode !== undefined
  switch (condition) {
    case 'CREATE':
      return hasReached(other, 'CREATED')
    case 'START':
      return other.step === 'RUNNING' || hasEnded
    case 'COMPLETE':
      return hasEnded
    case 'SUCCESS':
      return hasEnded && other.exitCode === 0
    case 'HEALTHY':
      return other.healthStatus === 'HEALTHY'
  }
}

const judge = (task: TaskState, target: string, dependency: Dependency, now: number): Verdict => {
  const { containerName, condition } = dependency
  const other = containerNamed(task, containerName)
  if (!other) return { is: 'failed', reason: dependencyMissing(target, containerName) }
  if (isMet(other, condition)) return ready
  if (other.step === 'STOPPED') {
    if (other.startedAt === undefined)
      return { is: 'failed', reason: dependencyNeverStarted(target, containerName) }
    return { is: 'failed', reason: dependencyUnsuccessful(target, containerName) }
  }
  // The time-out is the dependency's own, and counts from its start (AWS: ContainerDefinition startTimeout).
  const startTimeout = definitionOf(task, containerName)?.startTimeout ?? 0
  if (startTimeout <= 0 || other.startedAt === undefined || condition === 'START' || condition === 'CREATE')
    return waiting
  const until = other.startedAt + startTimeout * 1000
  return now >= until
    ? { is: 'failed', reason: dependencyTimedOut(target, containerName) }
    : { is: 'waiting', until }
}

const earlier = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined ? right : right === undefined ? left : Math.min(left, right)

/** Whether a container may start now. */
export const mayStart = (task: TaskState, container: ContainerState, now: number): Verdict => {
  const definition = definitionOf(task, container.name)
  const verdicts = (definition ? dependenciesOf(definition) : []).map(dependency =>
    judge(task, container.name, dependency, now),
  )
  const failed = verdicts.find(verdict => verdict.is === 'failed')
  if (failed) return failed
  const blocked = verdicts.filter(verdict => verdict.is === 'waiting')
  if (blocked.length === 0) return ready
  const until = blocked.reduce<number | undefined>(
    (first, verdict) => earlier(first, verdict.until),
    undefined,
  )
  return until === undefined ? waiting : { is: 'waiting', until }
}

/** The reverse of the start order: whoever depends on a container stops before it. */
export const mayStop = (task: TaskState, container: ContainerState): boolean =>
  task.payload.containers
    .filter(other => dependenciesOf(other).some(dependency => dependency.containerName === container.name))
    .every(other => {
      const state = containerNamed(task, other.name)
      return state === undefined || state.step !== 'RUNNING'
    })
