/** Makes each awslogs container's stream before it starts, because a missing log group keeps a container from starting. */
import type { PayloadContainer, PayloadTask } from '@berth/model'
import type { Log } from '../log.ts'
import { checkAwslogsOptions, DestinationMissing, type LogShipper, type LogSource } from '../logs/index.ts'
import { logTarget } from './container-spec/index.ts'
import { cannotLog, logGroupMissing } from './stop-reasons.ts'

export type Destination = Pick<LogSource, 'group' | 'stream' | 'options'>

/** What the tasks need of the log shipper. */
export interface Logs extends LogShipper {
  /** Makes the stream. Rejects with DestinationMissing when its group does not exist and may not be made. */
  prepare(destination: Destination): Promise<void>
}

export interface LogDestinations {
  /** Begins to make the stream; `ready` takes the answer. */
  prepare(destination: Destination): void
  /** Resolves with the reason why the container must not start; undefined when it may. */
  ready(destination: Destination): Promise<string | undefined>
}

/** Why a task's log options can never work; undefined when they can. */
export const unsupportedLogOptions = (payload: PayloadTask, region: string): string | undefined => {
  const problems = payload.containers.flatMap(container => {
    const target = logTarget(payload, container, '')
    return target ? checkAwslogsOptions(target.options, region) : []
  })
  return problems.length === 0 ? undefined : cannotLog(problems.join(' '))
}

/** The stream is known before the container is created only when its name does not hold the container's id. */
export const destinationOf = (
  payload: PayloadTask,
  container: PayloadContainer,
  runtimeId: string | undefined,
): Destination | undefined => {
  const target = logTarget(payload, container, runtimeId ?? '')
  return target?.stream ? target : undefined
}

export const createLogDestinations = (logs: Pick<Logs, 'prepare'>, log: Log): LogDestinations => {
  const prepared = new Map<string, Promise<string | undefined>>()
  const ask = async (destination: Destination): Promise<string | undefined> => {
    try {
      await logs.prepare(destination)
    } catch (error) {
      if (error instanceof DestinationMissing) return logGroupMissing
      // The log service is away: the container runs, and the shipper makes the stream when it is back.
      log.warn({ group: destination.group, error: String(error) }, 'cannot make a log stream yet')
    }
    return undefined
  }
  const keyOf = ({ group, stream }: Destination) => `${group}\n${stream}`
  return {
    prepare: destination => void prepared.set(keyOf(destination), ask(destination)),
    ready: destination => {
      const answer = prepared.get(keyOf(destination)) ?? ask(destination)
      prepared.delete(keyOf(destination))
      return answer
    },
  }
}
