/** The telemetry messages, in the official agent's words and sizes. Pure. */
import type { TaskState } from '../tasks/task-state.ts'
import type { TaskMetrics } from './usage-samples.ts'

export interface TelemetryIdentity {
  readonly cluster: string
  readonly containerInstance: string
}

export interface TelemetryMessage {
  readonly type: 'PublishMetricsRequest' | 'PublishHealthRequest'
  readonly message: object
}

const tasksPerMessage = 10

/** `newId`: a new message id. `now`: milliseconds. */
export interface MessageContext extends TelemetryIdentity {
  readonly now: number
  newId(): string
}

const batchesOf = <Item>(items: readonly Item[]): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / tasksPerMessage) }, (_, index) =>
    items.slice(index * tasksPerMessage, (index + 1) * tasksPerMessage),
  )

const headOf = ({ cluster, containerInstance, newId }: MessageContext, fin: boolean) => ({
  cluster,
  containerInstance,
  fin,
  messageId: newId(),
})

/** An idle host says so, in one message without tasks. */
export const metricsMessages = (
  context: MessageContext,
  metrics: readonly TaskMetrics[],
  isIdle: boolean,
): readonly TelemetryMessage[] => {
  const batches = metrics.length > 0 ? batchesOf(metrics) : [[]]
  return batches.map((taskMetrics, index) => ({
    type: 'PublishMetricsRequest',
    message: {
      metadata: { ...headOf(context, index === batches.length - 1), idle: isIdle },
      taskMetrics,
      timestamp: context.now / 1000,
    },
  }))
}

/** Of containers that have a health check; nothing when no container has one. */
export const healthMessages = (
  context: MessageContext,
  tasks: readonly TaskState[],
): readonly TelemetryMessage[] => {
  const checked = tasks.map(healthOf).filter(({ containers }) => containers.length > 0)
  const batches = batchesOf(checked)
  return batches.map((batch, index) => ({
    type: 'PublishHealthRequest',
    message: {
      metadata: headOf(context, index === batches.length - 1),
      tasks: batch,
      timestamp: context.now / 1000,
    },
  }))
}

const healthOf = ({ arn, payload, containers }: TaskState) => ({
  taskArn: arn,
  taskDefinitionFamily: payload.family,
  taskDefinitionVersion: payload.version,
  containers: containers.flatMap(({ name, step, healthStatus }) =>
    step === 'RUNNING' && healthStatus !== undefined ? [{ containerName: name, healthStatus }] : [],
  ),
})
