/** Removes what an ended task leaves on the host, once the control plane knows its end and its logs are shipped. */
import type { Cancel, Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { Log } from '../log.ts'
import type { LogShipper } from '../logs/index.ts'
import { taskVolumes } from '../volumes/index.ts'
import { engineContainerName, logTarget } from './container-spec/index.ts'
import { createGate } from './gate.ts'
import type { TaskResources } from './resources/task-resources.ts'
import type { TaskRunner } from './task-runner.ts'
import { type ContainerState, definitionOf, type TaskState } from './task-state.ts'

const removalsAtOnce = 2
const retryDelayMs = 30_000
/** Logs whose group was deleted, for instance, are never shipped: they do not keep a container for ever. */
const drainPatienceMs = 24 * 3_600_000

export interface Cleanup {
  schedule(runner: TaskRunner): void
  /** What waits for its time goes now, the longest ended first. */
  hurry(): void
  stop(): void
}

export interface CleanupOptions {
  readonly engine: Engine
  readonly clock: Clock
  readonly logs: LogShipper
  readonly log: Log
  readonly resources: TaskResources
  readonly cleanupDelayMs: number
  forget(runner: TaskRunner): void
  /** Resolves once the container's log is followed, if it is shipped at all. */
  follow(task: TaskState, container: ContainerState): Promise<void>
}

const shipsLogs = (task: TaskState, name: string, runtimeId: string): boolean => {
  const definition = definitionOf(task, name)
  return definition !== undefined && logTarget(task.payload, definition, runtimeId) !== undefined
}

/** After a restart of the agent nobody may follow the log yet, and what is not followed counts as drained. */
const drain = async (
  { clock, logs, log, follow }: CleanupOptions,
  task: TaskState,
  container: ContainerState,
  runtimeId: string,
): Promise<void> => {
  await follow(task, container)
  const patience = Promise.withResolvers<void>()
  const cancel = clock.after(drainPatienceMs, () => {
    log.warn({ task: task.arn, container: container.name }, 'giving up logs that cannot be shipped')
    patience.resolve()
  })
  await Promise.race([logs.drained(runtimeId), patience.promise])
  cancel()
}

export const createCleanup = (options: CleanupOptions): Cleanup => {
  const { engine, clock, logs, log, resources } = options
  const scheduled = new Map<string, { readonly cancel: Cancel; readonly run: () => void }>()
  // Removals compete with starts for the engine, and nobody waits for them.
  const gate = createGate(removalsAtOnce)
  let isStopped = false

  const removeContainers = async (task: TaskState): Promise<void> => {
    await resources.release(task.payload)
    for (const container of task.containers) {
      const { name, runtimeId, startedAt } = container
      if (runtimeId === undefined) {
        // The engine may have made it after it was given up.
        await gate.run(() => engine.remove(engineContainerName(task.payload, name)))
        continue
      }
      const isShipped = startedAt !== undefined && shipsLogs(task, name, runtimeId)
      if (isShipped) await drain(options, task, container, runtimeId)
      if (isStopped) return
      await gate.run(() => engine.remove(runtimeId))
      if (isShipped) logs.forget(runtimeId)
    }
    for (const volume of taskVolumes(task.payload)) await engine.removeVolume(volume)
  }

  const schedule = (runner: TaskRunner, delayMs: number): void => {
    if (isStopped || scheduled.has(runner.arn)) return
    let isRunning = false
    const run = (): void => {
      if (isRunning) return
      isRunning = true
      removeContainers(runner.task).then(
        () => {
          scheduled.delete(runner.arn)
          // What it had may have been given back just now: then it is forgotten once that is known.
          if (!isStopped && runner.isOver) options.forget(runner)
        },
        error => {
          scheduled.delete(runner.arn)
          log.warn(
            { task: runner.arn, error: String(error) },
            'cannot remove an ended container; trying again',
          )
          schedule(runner, retryDelayMs)
        },
      )
    }
    scheduled.set(runner.arn, { cancel: clock.after(delayMs, run), run })
  }

  return {
    schedule: runner => {
      const endedAt = runner.task.stoppedAt ?? clock.now()
      schedule(runner, Math.max(0, endedAt + options.cleanupDelayMs - clock.now()))
    },
    hurry: () => {
      for (const { cancel, run } of [...scheduled.values()]) {
        cancel()
        run()
      }
    },
    stop: () => {
      isStopped = true
      for (const { cancel } of scheduled.values()) cancel()
      scheduled.clear()
    },
  }
}
