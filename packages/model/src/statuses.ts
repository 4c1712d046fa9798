/** The life of a task, in order; a task's status only moves forward. (AWS: "Amazon ECS task lifecycle") */
export const taskStatuses = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const
export type TaskStatus = (typeof taskStatuses)[number]

export type DesiredStatus = 'PENDING' | 'RUNNING' | 'STOPPED'

/** True when `to` comes later in a task's life than `from`. */
export const isLaterStatus = (from: TaskStatus, to: TaskStatus): boolean =>
  taskStatuses.indexOf(to) > taskStatuses.indexOf(from)

export const isTaskStatus = (text: string): text is TaskStatus =>
  (taskStatuses as readonly string[]).includes(text)

/** The life of a volume that is attached to a task, in order. (AWS: API reference, Attachment) */
export const attachmentStatuses = [
  'PRECREATED',
  'CREATED',
  'ATTACHING',
  'ATTACHED',
  'FAILED',
  'DETACHING',
  'DETACHED',
  'DELETED',
] as const
export type AttachmentStatus = (typeof attachmentStatuses)[number]

export const isLaterAttachmentStatus = (from: AttachmentStatus, to: AttachmentStatus): boolean =>
  attachmentStatuses.indexOf(to) > attachmentStatuses.indexOf(from)

export const isAttachmentStatus = (text: unknown): text is AttachmentStatus =>
  (attachmentStatuses as readonly unknown[]).includes(text)

export type ContainerStatus = 'PENDING' | 'RUNNING' | 'STOPPED'
export type HealthStatus = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN'
