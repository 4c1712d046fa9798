/** The rows that an ARN may name for tagging, and how their tags are read and written. */
import type { Tag } from '@aws-sdk/client-ecs'
import { parseArn } from '@berth/model'
import type { Row, Table } from '../../../../store/table.ts'
import type { Transaction, View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { clusterNotFound, invalidParameter, resourceNotFound } from '../../errors.ts'
import { arnOfTaskSet } from '../../responses/task-set.ts'
import {
  clusters,
  containerInstances,
  services,
  taskDefinitions,
  taskSets,
  tasks,
} from '../../tables/index.ts'

interface TaggedRow extends Row {
  readonly tags: readonly Tag[]
}

export interface TaggedResource {
  readonly tags: readonly Tag[]
  readonly write: (tx: Transaction, tags: readonly Tag[]) => void
}

interface Kind {
  /** How many segments follow the type in a long ARN. */
  readonly segments: number
  readonly find: (view: View, arn: string) => TaggedResource | undefined
}

/** `refusal` says in which state a row takes no tags any more. */
const kind = <R extends TaggedRow>(
  table: Table<R>,
  segments: number,
  refusal: (row: R) => string | undefined,
): Kind => ({
  segments,
  find: (view, arn) => {
    const row = view.get(table, arn)
    if (!row) return undefined
    const refused = refusal(row)
    if (refused) throw invalidParameter(refused)
    return { tags: row.tags, write: (tx, tags) => tx.put(table, { ...row, tags }) }
  },
})

const inactive = (noun: string) => (row: { readonly status: string }) =>
  row.status === 'INACTIVE'
    ? `The specified ${noun} is inactive. Specify an active ${noun} and try again.`
    : undefined

/** Its rows are found by the last two segments of the ARN. */
const taskSet: Kind = {
  segments: 4,
  find: (view, arn) => {
    const row = view.get(taskSets, arn.split('/').slice(-2).join('/'))
    return row && arnOfTaskSet(row) === arn
      ? { tags: row.tags, write: (tx, tags) => tx.put(taskSets, { ...row, tags }) }
      : undefined
  },
}

const kinds: Readonly<Record<string, Kind>> = {
  cluster: kind(clusters, 1, inactive('cluster')),
  service: kind(services, 2, inactive('service')),
  task: kind(tasks, 2, row =>
    row.lastStatus === 'STOPPED'
      ? 'The specified task is stopped. Specify a running task and try again.'
      : undefined,
  ),
  'task-set': taskSet,
  'container-instance': kind(containerInstances, 2, inactive('container instance')),
  'task-definition': kind(taskDefinitions, 1, inactive('task definition')),
}

/** Throws InvalidParameterException, ClusterNotFoundException or ResourceNotFoundException. */
export const taggedResource = (view: View, { scope }: Call, text: string): TaggedResource => {
  const arn = parseArn(text)
  const [type = '', ...segments] = arn?.resource.split('/') ?? []
  if (arn?.service !== 'ecs' || !Object.hasOwn(kinds, type)) throw invalidParameter(`Invalid ARN: ${text}`)
  if (arn.region !== scope.region) throw invalidParameter('Invalid Region in ARN')
  if (arn.accountId !== scope.accountId) throw invalidParameter('Invalid Account ID in ARN')
  const found = kinds[type]
  if (segments.length !== found?.segments)
    throw invalidParameter('Long arn format must be used for tagging operations')
  const resource = found.find(view, text)
  if (!resource) throw type === 'cluster' ? clusterNotFound() : resourceNotFound()
  return resource
}
