/** What an agent keeps over its crashes. */
import type { IngressFact, PayloadTask, TaskStateChange, TaskStatus } from '@berth/model'

export interface DiskTask {
  readonly arn: string
  readonly clusterArn: string
  readonly incarnation: string
  readonly payload: PayloadTask
  desired: 'RUNNING' | 'STOPPED'
  /** waiting: for its image. handed: its containers are the engine's. over: reported STOPPED. */
  phase: 'waiting' | 'handed' | 'over'
  toldStatus: TaskStatus | undefined
  /** Its interface was told to be attached, and is still there. */
  isAttached?: boolean
  /** By container: the status and the health that was told last. */
  readonly toldContainers: Map<string, string>
  /** By container: what its image was when it was pulled. */
  readonly digests: Map<string, string>
  /** By the host's clock. */
  pullStartedAt: number | undefined
  pullStoppedAt: number | undefined
}

export interface Disk {
  containerInstanceArn: string | undefined
  incarnation: string | undefined
  /** The greatest number of a message that was seen. */
  sequence: number
  readonly tasks: Map<string, DiskTask>
  /** Of the load balancers that it carries, by key. */
  readonly ingress: Map<string, IngressFact>
  /** Not acknowledged, oldest first. */
  readonly reports: { readonly number: number; readonly change: TaskStateChange }[]
  reportNumber: number
}

export const emptyDisk = (): Disk => ({
  containerInstanceArn: undefined,
  incarnation: undefined,
  sequence: 0,
  tasks: new Map(),
  ingress: new Map(),
  reports: [],
  reportNumber: 0,
})
