/** What a way of giving tasks volumes has to be able to do. */
import type { PayloadTask, PayloadVolume } from '@berth/model'
import { TaskResourceError } from '../tasks/resources/task-resource.ts'

export interface VolumeKind {
  /**
   * Idempotent. Resolves with what containers mount: a path of the host, or the engine's name of a volume. Rejects with
   * TaskResourceError, or with an EngineError `unreachable`, after which it is asked again.
   */
  prepare(payload: PayloadTask, volume: PayloadVolume): Promise<string>
  /** After the task's last container has ended, and while they are still there. */
  release?(payload: PayloadTask, volume: PayloadVolume): Promise<void>
}

export const cannotInitialize = (volume: PayloadVolume, problem: string): TaskResourceError =>
  new TaskResourceError(`ResourceInitializationError: volume ${volume.name}: ${problem}`)
