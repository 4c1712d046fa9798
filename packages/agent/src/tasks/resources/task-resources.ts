/** Everything of the host that tasks need besides images: prepared once a task, and given back after its end. */
import type { PayloadTask } from '@berth/model'
import type { Clock } from '../../clock.ts'
import type { TaskCredentials } from '../../credentials/task-credentials.ts'
import type { Log } from '../../log.ts'
import type { Amend, TaskResource } from './task-resource.ts'

const firstRetryMs = 1_000
const lastRetryMs = 60_000

export interface TaskResources {
  /** The same promise for each container of the task, until it fails: then the next one tries again. */
  prepare(payload: PayloadTask): Promise<Amend>
  /** Resolves when nothing of the task is left; every resource is asked until it succeeds, or the agent stops. */
  release(payload: PayloadTask): Promise<void>
  /** The task is no longer known. */
  forget(taskArn: string): void
  stop(): void
}

export interface TaskResourcesOptions {
  readonly resources: readonly TaskResource[]
  readonly credentials: TaskCredentials
  readonly clock: Clock
  readonly log: Log
}

const asItIs: Amend = (_container, spec) => spec
const nothingNeeded = Promise.resolve(asItIs)

export const createTaskResources = (options: TaskResourcesOptions): TaskResources => {
  const { resources, credentials, clock, log } = options
  const prepared = new Map<string, Promise<Amend>>()
  const released = new Map<string, Promise<void>>()
  let isStopped = false

  const neededBy = (payload: PayloadTask): TaskResource[] =>
    resources.filter(resource => resource.isNeeded(payload))

  const prepareAll = async (payload: PayloadTask, needed: readonly TaskResource[]): Promise<Amend> => {
    const task = { payload, credentials: () => credentials.of(payload.arn) }
    const settled = await Promise.allSettled(needed.map(resource => resource.prepare(task)))
    const amends = settled.map(result => {
      if (result.status === 'rejected') throw result.reason
      return result.value ?? asItIs
    })
    return (container, spec) => amends.reduce((sum, amend) => amend(container, sum), spec)
  }

  const releaseOne = async (resource: TaskResource, payload: PayloadTask): Promise<void> => {
    for (let delayMs = firstRetryMs; !isStopped; delayMs = Math.min(lastRetryMs, delayMs * 2)) {
      try {
        await resource.release(payload)
        return
      } catch (error) {
        log.warn(
          { task: payload.arn, resource: resource.name, error: String(error) },
          'cannot give back what an ended task had; trying again',
        )
      }
      await new Promise<void>(resolve => clock.after(delayMs, resolve))
    }
  }

  /** The last that was made is the first to go. */
  const releaseAll = async (payload: PayloadTask, needed: readonly TaskResource[]): Promise<void> => {
    await prepared.get(payload.arn)?.catch(() => {})
    for (const resource of needed.toReversed()) await releaseOne(resource, payload)
    prepared.delete(payload.arn)
  }

  return {
    prepare: payload => {
      const needed = neededBy(payload)
      if (needed.length === 0) return nothingNeeded
      const known = prepared.get(payload.arn)
      if (known) return known
      const started = prepareAll(payload, needed)
      prepared.set(payload.arn, started)
      started.catch(() => {
        if (prepared.get(payload.arn) === started) prepared.delete(payload.arn)
      })
      return started
    },
    release: payload => {
      const needed = neededBy(payload)
      if (needed.length === 0) return Promise.resolve()
      const known = released.get(payload.arn) ?? releaseAll(payload, needed)
      released.set(payload.arn, known)
      return known
    },
    forget: taskArn => void released.delete(taskArn),
    stop: () => {
      isStopped = true
    },
  }
}
