import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../packages/agent/src/clock.ts'
import { createLogShipper, DestinationMissing } from '../../../packages/agent/src/logs/index.ts'
import { SegmentLogStore } from '../../../packages/control-plane/src/log-store/segment-log-store.ts'
import { credentials, LogsEndpoint, region } from './logs-endpoint.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-log-shipping-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

const openStore = () =>
  SegmentLogStore.open({
    directory: join(directory, 'store'),
    capBytes: 1e9,
    segmentBytes: 200_000,
    report: problem => {
      throw new Error(problem)
    },
  })

const shipperTo = (requestHandler: unknown, problems: string[] = []) =>
  createLogShipper({
    endpoint: 'http://localhost:4566',
    region,
    credentials,
    stateDir: join(directory, 'state'),
    clock: {
      now: systemClock.now,
      after: (delayMs, run) => systemClock.after(Math.min(delayMs, 5), run),
    },
    report: problem => problems.push(problem),
    requestHandler: requestHandler as never,
  })

const sourceOf = async (
  runtimeId: string,
  options: Record<string, string> = { 'awslogs-create-group': 'true' },
) => {
  await mkdir(join(directory, runtimeId), { recursive: true })
  const logPath = join(directory, runtimeId, `${runtimeId}-json.log`)
  return {
    taskArn: 't',
    containerName: 'c',
    runtimeId,
    logPath,
    group: '/ecs/web',
    stream: runtimeId,
    options,
  }
}

test('containers that flood, rotate and restart the agent lose and double no line', async () => {
  const endpoint = await LogsEndpoint.start(await openStore())
  const started = endpoint.clock.now()
  let written = 0
  const entries = (count: number): string =>
    Array.from({ length: count }, () => {
      const time = new Date(started + Math.floor(written / 10)).toISOString()
      return `${JSON.stringify({ log: `line ${written++}\n`, stream: written % 3 ? 'stdout' : 'stderr', time })}\n`
    }).join('')
  // Every third answer is lost on its way back: the batch was taken, and is sent again.
  let requests = 0
  const flaky = {
    handle: async (request: Parameters<typeof endpoint.requestHandler.handle>[0]) => {
      const answer = await endpoint.requestHandler.handle(request)
      if (++requests % 3 === 0) throw new Error('the connection was reset')
      return answer
    },
  }
  const source = await sourceOf('flood')
  await writeFile(source.logPath, '')
  for (let life = 0; life < 4; life++) {
    const shipper = shipperTo(flaky)
    shipper.follow(source)
    for (let i = 0; i < 3; i++) {
      await appendFile(source.logPath, entries(3000))
      await rename(source.logPath, `${source.logPath}.1`)
      await writeFile(source.logPath, entries(2000))
      await shipper.drained('flood')
    }
    // Unread when the agent stops.
    await appendFile(source.logPath, entries(1000))
    await shipper.stop()
  }
  const shipper = shipperTo(endpoint.requestHandler)
  shipper.follow(source)
  await shipper.drained('flood')
  await shipper.stop()
  const messages: (string | undefined)[] = []
  let nextToken: string | undefined
  for (let size = -1; size < messages.length; ) {
    size = messages.length
    const page = await endpoint.logs.getLogEvents({
      logGroupName: '/ecs/web',
      logStreamName: 'flood',
      startFromHead: true,
      ...(nextToken && { nextToken }),
    })
    messages.push(...(page.events ?? []).map(event => event.message))
    nextToken = page.nextForwardToken
  }
  expect(messages.length).toBe(written)
  expect(messages).toEqual(Array.from({ length: written }, (_, i) => `line ${i}`))
  await endpoint.logStore.close()
})

test('a stream is made before its container starts; without a group that is the container’s failure', async () => {
  const endpoint = await LogsEndpoint.start()
  const shipper = shipperTo(endpoint.requestHandler)
  await expect(shipper.prepare(await sourceOf('a', {}))).rejects.toThrow(DestinationMissing)
  await shipper.prepare(await sourceOf('a'))
  const { logStreams } = await endpoint.logs.describeLogStreams({ logGroupName: '/ecs/web' })
  expect(logStreams?.map(stream => stream.logStreamName)).toEqual(['a'])
  await shipper.stop()
})

test('a control plane without room for logs is asked again until it has', async () => {
  const endpoint = await LogsEndpoint.start()
  const problems: string[] = []
  const shipper = shipperTo(endpoint.requestHandler, problems)
  endpoint.accepts = false
  const source = await sourceOf('a')
  const time = new Date(endpoint.clock.now()).toISOString()
  await writeFile(source.logPath, `${JSON.stringify({ log: 'hello\n', stream: 'stdout', time })}\n`)
  shipper.follow(source)
  await expect.poll(() => problems.join()).toContain('nearly full')
  endpoint.accepts = true
  await shipper.drained('a')
  const { events } = await endpoint.logs.getLogEvents({ logGroupName: '/ecs/web', logStreamName: 'a' })
  expect(events?.map(event => event.message)).toEqual(['hello'])
  await shipper.stop()
})
