import type { Engine } from '../engine/engine.ts'
import { stopTimeoutOf } from './container-spec/index.ts'
import { type ContainerState, definitionOf, type TaskState } from './task-state.ts'

interface Surroundings {
  readonly engine: Engine
  warn(message: string, details: object): void
}

/** Somebody started it by hand, after it was said to be STOPPED, which is final. */
export const stopAgain = async (
  surroundings: Surroundings,
  task: TaskState,
  { name, runtimeId }: ContainerState,
): Promise<void> => {
  const { engine, warn } = surroundings
  warn('a container that is STOPPED was started again; stopping it', { task: task.arn, container: name })
  if (runtimeId === undefined) return
  const timeoutSeconds = stopTimeoutOf(definitionOf(task, name))
  const stopped = { what: 'stop', task: task.arn, container: name }
  await attempt(surroundings, stopped, () => engine.stop(runtimeId, timeoutSeconds))
}

/** What may fail without anybody having to do something about it. */
export const attempt = async (
  { warn }: Pick<Surroundings, 'warn'>,
  { what, ...about }: { readonly what: string; readonly task: string; readonly container: string },
  act: () => Promise<void>,
): Promise<void> => {
  try {
    await act()
  } catch (error) {
    warn(`cannot ${what} a container`, { ...about, error: String(error) })
  }
}
