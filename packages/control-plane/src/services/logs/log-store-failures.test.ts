import { anonymousIdentity, type RequestContext } from '@berth/aws-api'
import { expect, test } from 'vitest'
import { createMemoryJournal } from '../../journals/memory-journal.ts'
import { LogStoreError } from '../../log-store/log-store.ts'
import { MemoryLogStore } from '../../log-store/memory-log-store.ts'
import { createStore } from '../../store/journaled-store.ts'
import type { Call } from '../service.ts'
import { createLogsService } from './index.ts'

const gone = async (): Promise<never> => {
  throw new LogStoreError('The log store is not available: EIO', { retryable: false })
}

test('What the log store cannot do is answered as worth trying again', async () => {
  const logStore = Object.assign(new MemoryLogStore(), { append: gone, read: gone, figures: gone })
  const { operations, tables, histories } = createLogsService({ logStore, accepts: () => true })
  const store = createStore({ tables, histories, journal: createMemoryJournal() })
  await store.load()
  const call = {
    ...{ store, now: 1_700_000_000_000, randomHex: (bytes: number) => 'f'.repeat(bytes * 2) },
    scope: { accountId: '111122223333', region: 'us-east-1' },
    identity: anonymousIdentity,
    request: { headers: {} } as RequestContext,
  } as Call
  const send = async (name: string, input: object): Promise<unknown> =>
    operations.find(operation => operation.name === name)?.handle(input, call)
  const stream = { logGroupName: 'g', logStreamName: 's' }
  await send('CreateLogGroup', stream)
  await send('CreateLogStream', stream)
  const logEvents = [{ timestamp: call.now, message: 'm' }]
  for (const [name, input] of [
    ['PutLogEvents', { ...stream, logEvents }],
    ['GetLogEvents', stream],
    ['FilterLogEvents', stream],
    ['DescribeLogStreams', stream],
  ] as const)
    await expect(send(name, input)).rejects.toMatchObject({
      code: 'ServiceUnavailableException',
      statusCode: 503,
      message: 'The log store is not available: EIO',
    })
})
