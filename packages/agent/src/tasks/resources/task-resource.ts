/** What a kind of resource has to be able to do, so that tasks can have it. */
import type { PayloadContainer, PayloadCredentials, PayloadTask } from '@berth/model'
import type { ContainerSpec } from '../../engine/engine.ts'

/** Something of the host that a task's containers need: made before the first is created, undone after the last has ended. */
export interface TaskResource {
  /** For instance `volumes`. */
  readonly name: string
  /** Pure. */
  isNeeded(payload: PayloadTask): boolean
  /**
   * Idempotent: asked again after the agent's restart, while containers are still to be created. Bounded in time.
   * Rejects with TaskResourceError, which stops the task, or with an EngineError `unreachable`, after which it is asked again.
   */
  prepare(task: ResourceTask): Promise<Amend | undefined>
  /** Undoes it, also what an earlier life of the agent made; nothing when nothing was made. Asked again until it succeeds. */
  release(payload: PayloadTask): Promise<void>
}

/** What a container gets of what was prepared. Pure. */
export type Amend = (container: PayloadContainer, spec: ContainerSpec) => ContainerSpec

export interface ResourceTask {
  readonly payload: PayloadTask
  credentials(): RoleCredentials
}

/** The credentials that the control plane gave with a task; they may be renewed at any time. */
export interface RoleCredentials {
  readonly role?: PayloadCredentials
  readonly executionRole?: PayloadCredentials
}

/** The task cannot have it; `message` is its stopped reason, in ECS's words. */
export class TaskResourceError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TaskResourceError'
  }
}
