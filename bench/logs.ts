/**
 * A flood of logs: what one server takes in over HTTP, signed and durable, and what that does to its event loop.
 * `node bench/logs.ts [senders] [seconds]`
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { createEndpoint, httpListener } from '@berth/aws-api'
import { createControlLoop } from '../packages/control-plane/src/control-loop/loop.ts'
import { toAwsService } from '../packages/control-plane/src/dispatch.ts'
import { createMemoryJournal } from '../packages/control-plane/src/journals/memory-journal.ts'
import { openLogStore } from '../packages/control-plane/src/log-store/threaded-log-store.ts'
import { createLogsService } from '../packages/control-plane/src/services/logs/index.ts'
import { createStore } from '../packages/control-plane/src/store/journaled-store.ts'
import { createSystemClock } from '../packages/control-plane/src/system-clock.ts'

const region = 'us-east-1'
const credentials = { accessKeyId: 'AKIABENCH', secretAccessKey: 'secret' }
const logGroupName = 'flood'
/** About what our agent sends at once. */
const eventsPerBatch = 700
const text = 'x'.repeat(100)

const clientTo = (port: number) =>
  new CloudWatchLogs({ region, endpoint: `http://127.0.0.1:${port}`, credentials, maxAttempts: 1 })

/** One sender, as an agent would be: the next batch once the last one is acknowledged. */
const send = async ({ port, sender, seconds }: { port: number; sender: number; seconds: number }) => {
  const client = clientTo(port)
  const logStreamName = `stream ${sender}`
  await client.createLogStream({ logGroupName, logStreamName })
  const end = Date.now() + seconds * 1000
  let events = 0
  while (Date.now() < end) {
    const timestamp = Date.now()
    const logEvents = Array.from({ length: eventsPerBatch }, (_, i) => ({
      timestamp,
      message: `${events + i} ${text}`,
    }))
    await client.putLogEvents({ logGroupName, logStreamName, logEvents })
    events += eventsPerBatch
  }
  return events
}

const serve = async (directory: string) => {
  const clock = createSystemClock()
  const onFault = (error: unknown): void => {
    throw error
  }
  const logStore = await openLogStore({ directory, capBytes: 10e9, report: onFault })
  const service = createLogsService({ logStore, accepts: () => true })
  const { tables, histories, reconcilers } = service
  const store = createStore({ tables, histories, journal: createMemoryJournal(), clock, onFault })
  await store.load()
  let ids = 0
  const randomHex = (bytes: number): string => (++ids).toString(16).padStart(bytes * 2, '0')
  createControlLoop({ store, clock, reconcilers, randomHex, schedule: setImmediate, onFault }).start()
  const dispatch = { store, clock, randomHex, region, anyRegion: false, authorize: () => true }
  const endpoint = createEndpoint({
    services: [toAwsService(service, { ...dispatch, refusesMutations: () => false })],
    findSigningKey: accessKeyId => ({
      ...credentials,
      identity: {
        accountId: '111122223333',
        arn: 'arn:aws:iam::111122223333:root',
        userId: '',
        accessKeyId,
        isRoot: true,
      },
    }),
    now: Date.now,
    newRequestId: randomUUID,
    onFault,
  })
  const server = createServer(httpListener(endpoint))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, server, logStore }
}

const runSender = (data: object): Promise<number> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: data })
    worker.once('message', resolve)
    worker.once('error', reject)
  })

const main = async (): Promise<void> => {
  const [senders = 4, seconds = 10] = process.argv.slice(2).map(Number)
  const directory = await mkdtemp(join(tmpdir(), 'berth-bench-logs-'))
  const { port, server, logStore } = await serve(directory)
  await clientTo(port).createLogGroup({ logGroupName })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const started = performance.now()
  const counts = await Promise.all(
    Array.from({ length: senders }, (_, sender) => runSender({ port, sender, seconds })),
  )
  const elapsed = (performance.now() - started) / 1000
  delay.disable()
  const events = counts.reduce((sum, count) => sum + count, 0)
  const ms = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1)
  console.log(
    `${senders} senders, batches of ${eventsPerBatch} events of 106 bytes, each acknowledged once on disk`,
  )
  console.log(
    `ingested: ${Math.round(events / elapsed)} events/s, ${((events * 106) / elapsed / 1e6).toFixed(1)} MB/s`,
  )
  console.log(
    `stored:   ${((await logStore.bytesUsed()) / 1e6).toFixed(1)} MB of ${((events * 106) / 1e6).toFixed(1)} MB`,
  )
  console.log(
    `event loop delay of the server: p50 ${ms(delay.percentile(50))} ms, p99 ${ms(delay.percentile(99))} ms, max ${ms(delay.max)} ms`,
  )
  const from = performance.now()
  const found = await logStore.read({ groupId: '0000000000000001', direction: 'backward', limit: 1000 })
  console.log(
    `newest 1,000 events read in ${(performance.now() - from).toFixed(1)} ms (${found.events.length} found)`,
  )
  server.close()
  server.closeAllConnections()
  await logStore.close()
  await rm(directory, { recursive: true })
}

if (isMainThread) await main()
else parentPort?.postMessage(await send(workerData as Parameters<typeof send>[0]))
process.exit(0)
