/** What a container has to do next. Pure. */
import { mayCreate, mayStart, mayStop } from './dependencies.ts'
import type { ContainerState, ContainerStep, TaskState } from './task-state.ts'

export type NextStep =
  | { readonly is: 'go'; readonly step: Exclude<ContainerStep, 'NONE'> }
  /** There is nothing to ask of the engine: it is STOPPED from now on. */
  | { readonly is: 'end'; readonly reason?: string; readonly exitCode?: number }
  | { readonly is: 'wait'; readonly until?: number }

const wait: NextStep = { is: 'wait' }

/** The exit code that ECS shows for a container that was never started because of what it depends on. */
const dependencyExitCode = 143

const whileStopping = (task: TaskState, container: ContainerState): NextStep => {
  if (container.step !== 'RUNNING') return { is: 'end' }
  return mayStop(task, container) ? { is: 'go', step: 'STOPPED' } : wait
}

const whileStarting = (task: TaskState, container: ContainerState, now: number): NextStep => {
  if (container.step === 'RUNNING') return wait
  if (container.step === 'NONE') return { is: 'go', step: 'PULLED' }
  const verdict = mayStart(task, container, now)
  if (verdict.is === 'failed') return { is: 'end', reason: verdict.reason, exitCode: dependencyExitCode }
  if (container.step === 'PULLED') return mayCreate(task, container) ? { is: 'go', step: 'CREATED' } : wait
  if (verdict.is === 'ready') return { is: 'go', step: 'RUNNING' }
  return verdict.until === undefined ? wait : { is: 'wait', until: verdict.until }
}

export const nextStep = (task: TaskState, container: ContainerState, now: number): NextStep => {
  if (container.step === 'STOPPED') return wait
  return task.desiredStatus === 'STOPPED'
    ? whileStopping(task, container)
    : whileStarting(task, container, now)
}
