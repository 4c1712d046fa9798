import type { CreateLogStreamRequest, DeleteLogStreamRequest } from '@aws-sdk/client-cloudwatch-logs'
import { operation } from '../../service.ts'
import { streamExists } from '../errors.ts'
import { findGroup, findStream, groupResource, streamRowId } from '../references.ts'
import type { LogsServiceParts } from '../service-parts.ts'
import { logStreams } from '../tables/index.ts'
import { checkStreamName } from '../validation.ts'

export const createLogStream = operation<CreateLogStreamRequest, Record<string, never>>({
  name: 'CreateLogStream',
  effect: 'writes',
  resources: (input, { scope }) => groupResource(scope, input),
  handle: (input, { store, scope, now, randomHex }) => {
    const { logStreamName: name = '' } = input
    checkStreamName(name)
    store.update(tx => {
      const group = findGroup(tx, scope, input)
      const id = streamRowId(scope, group.storeId, name)
      if (tx.get(logStreams, id)) throw streamExists()
      tx.put(logStreams, {
        id,
        groupStoreId: group.storeId,
        name,
        arn: `${group.id}:log-stream:${name}`,
        createdAt: now,
        storeId: randomHex(8),
      })
    })
    return {}
  },
})

export const deleteLogStream = ({ logStore }: LogsServiceParts) =>
  operation<DeleteLogStreamRequest, Promise<Record<string, never>>>({
    name: 'DeleteLogStream',
    effect: 'frees',
    resources: (input, { scope }) => groupResource(scope, input),
    handle: async (input, { store, scope }) => {
      const { groupStoreId, storeId } = store.update(tx => {
        const stream = findStream(tx, scope, findGroup(tx, scope, input), input.logStreamName ?? '')
        tx.delete(logStreams, stream.id)
        return stream
      })
      // Else a crash could bring the stream back without its events.
      await store.durable()
      await logStore.deleteStream(groupStoreId, storeId)
      return {}
    },
  })
