/**
 * ECS's own words for why a container or a task ended (AWS: "Amazon ECS stopped tasks error messages",
 * and the names that the official agent gives its errors).
 */
import { registryOf } from '@berth/model'
import { isEngineError } from '../engine/engine.ts'

const minutes = (ms: number): string => `${Math.floor(ms / 60_000)}m${Math.floor((ms % 60_000) / 1000)}s`

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const cannotPull = (image: string, error: unknown): string => {
  const reason = messageOf(error)
  const isWhole = reason.startsWith('Error response from daemon') || isEngineError(error, 'timedOut')
  const daemon = isWhole ? reason : `Error response from daemon: ${reason}`
  return `CannotPullContainerError: ${daemon} (image ${image}, registry ${registryOf(image)})`
}

const failedAction = (name: string, transition: string, timeoutMs: number) => (error: unknown) =>
  isEngineError(error, 'timedOut')
    ? `DockerTimeoutError: Could not transition to ${transition}; timed out after waiting ${minutes(timeoutMs)}`
    : `${name}: ${messageOf(error)}`

export const cannotCreate = failedAction('CannotCreateContainerError', 'created', 4 * 60_000)
export const cannotStart = failedAction('CannotStartContainerError', 'started', 3 * 60_000)

const outOfMemory = 'OutOfMemoryError: Container killed due to memory usage'
/**
 * Whether a container that the engine says ran out of memory ended by that. With one limit above all containers of a
 * task, the engine says so of each of them, also of those that end well or are stopped after it.
 */
export const endedByMemory = (
  exitCode: number | undefined,
  container: { readonly stopSent?: boolean } | undefined,
): boolean => exitCode !== 0 && !container?.stopSent

export const exitReason = (isByMemory: boolean, error: string | undefined): { reason?: string } => {
  if (isByMemory) return { reason: outOfMemory }
  return error ? { reason: error } : {}
}

export const vanished = 'ContainerVanishedError: No container matching saved ID found'

export const dependencyCycle = (taskArn: string): string =>
  `Task dependencies cannot be resolved, taskArn: ${taskArn}`

export const dependencyMissing = (target: string, dependency: string): string =>
  `dependency graph: container ordering dependency [${dependency}] for target [${target}] does not exist`
export const dependencyTimedOut = (target: string, dependency: string): string =>
  `dependency graph: container ordering dependency [${dependency}] for target [${target}] has timed out`
export const dependencyUnsuccessful = (target: string, dependency: string): string =>
  `dependency graph: failed to resolve container ordering dependency [${dependency}] for target [${target}] as dependency did not exit successfully`
export const dependencyNeverStarted = (target: string, dependency: string): string =>
  `dependency graph: failed to resolve container ordering dependency [${dependency}] for target [${target}] because dependency will never start`

export const unsupportedNetworkMode = (mode: string): string =>
  `ResourceInitializationError: network mode ${mode} is not supported by this container instance; use awsvpc, bridge, host or none`

/** As Docker's awslogs driver refuses to start a container. */
export const cannotLog = (problem: string): string =>
  `CannotStartContainerError: Error response from daemon: failed to initialize logging driver: ${problem}`
export const logGroupMissing = cannotLog(
  'failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.',
)
