/** Where the output of a container goes. Pure. */
import { lastSegment, type PayloadContainer, type PayloadTask } from '@berth/model'
import type { LoggingSpec } from '../../engine/engine.ts'

export const loggingOf = (container: PayloadContainer, agentLogging: LoggingSpec): LoggingSpec => {
  const wanted = container.definition?.logConfiguration
  if (!wanted || wanted.logDriver === 'awslogs') return agentLogging
  return { driver: wanted.logDriver, options: wanted.options }
}

interface LogTarget {
  readonly group: string
  readonly stream: string
  readonly options: Readonly<Record<string, string>>
}

/** Where a container's output goes in CloudWatch Logs: stream `prefix/container/task id`, or the runtime's id without a prefix. */
export const logTarget = (
  payload: PayloadTask,
  container: PayloadContainer,
  runtimeId: string,
): LogTarget | undefined => {
  const wanted = container.definition?.logConfiguration
  if (wanted?.logDriver !== 'awslogs') return undefined
  const { options } = wanted
  const prefix = options['awslogs-stream-prefix']
  return {
    group: options['awslogs-group'] ?? '',
    stream: prefix ? `${prefix}/${container.name}/${lastSegment(payload.arn)}` : runtimeId,
    options,
  }
}
