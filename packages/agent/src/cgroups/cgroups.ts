/** Cgroups above containers, whoever keeps them: the kernel's files, or systemd. */
import type { TaskLimits } from './cgroup-limits.ts'

export interface Cgroups {
  /** What the engine is given as the parent of containers. Pure. */
  parentOf(taskId: string): string
  /** Idempotent. Rejects with CgroupError when this host cannot have it. */
  create(taskId: string, limits: TaskLimits): Promise<void>
  /** Nothing when it is not there. Rejects while processes are left in it. */
  remove(taskId: string): Promise<void>
}

/** The host has no cgroups that can be written, or refused the limits; `message` says where and why. */
export class CgroupError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CgroupError'
  }
}
