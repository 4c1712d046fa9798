/**
 * The ids in the paths of a task's endpoints. They say which task is meant, sealed by a key of this agent: nobody can guess
 * another task's, nothing has to be looked up, and they stay the same over the agent's restarts.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { lastSegment, type PayloadTask } from '@berth/model'

export interface EndpointIds {
  ofContainer(payload: PayloadTask, container: string): string
  ofCredentials(payload: PayloadTask): string
}

const sealCharacters = 32

/** `key`: 32 bytes or more, as hex. */
export const createEndpointIds = (key: string): EndpointIds => {
  const bytes = Buffer.from(key, 'hex')
  const idOf = ({ arn }: PayloadTask, part: string): string => {
    const seal = createHmac('sha256', bytes).update(`${arn}\n${part}`).digest('hex').slice(0, sealCharacters)
    return `${lastSegment(arn)}-${seal}`
  }
  return {
    ofContainer: (payload, container) => idOf(payload, `container/${container}`),
    ofCredentials: payload => idOf(payload, 'credentials'),
  }
}

const isSame = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** What an id stands for. */
export interface IdOwner<Task> {
  readonly task: Task
  /** Undefined for the id of the task's credentials. */
  readonly container?: string
}

/** Undefined when no task has the id. */
export const ownerOf = <Task extends { readonly arn: string; readonly payload: PayloadTask }>(
  ids: EndpointIds,
  tasks: readonly Task[],
  id: string,
): IdOwner<Task> | undefined => {
  const taskId = id.slice(0, -sealCharacters - 1)
  for (const task of tasks) {
    if (lastSegment(task.arn) !== taskId) continue
    if (isSame(ids.ofCredentials(task.payload), id)) return { task }
    const container = task.payload.containers.find(({ name }) =>
      isSame(ids.ofContainer(task.payload, name), id),
    )
    if (container) return { task, container: container.name }
  }
  return undefined
}
