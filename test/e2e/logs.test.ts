import {
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  type GetLogEventsCommandOutput,
  type OutputLogEvent,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs'
import type { LogConfiguration } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const awslogs = (group: string, options: Record<string, string> = {}): LogConfiguration => ({
  logDriver: 'awslogs',
  options: {
    'awslogs-group': group,
    'awslogs-region': 'us-east-1',
    'awslogs-create-group': 'true',
    'awslogs-stream-prefix': 'e2e',
    ...options,
  },
})

/** `count` lines, in bursts of 100, ten bursts a second, and then nothing more. */
const bursts = (count: number): string =>
  `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo line $i; [ $((i % 100)) = 0 ] && sleep 0.1; done; ${untilStopped}`
const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`)

/** A stream that is not there yet has no events. */
const ifMissing = (error: unknown): Partial<GetLogEventsCommandOutput> => {
  if (error instanceof ResourceNotFoundException) return {}
  throw error
}

describe('logs', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start({ agent: { BERTH_TASK_CLEANUP_SECONDS: '1' } })
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const start = async (script: string, logConfiguration: LogConfiguration): Promise<string> =>
    tasks.run(await tasks.define([{ script, logConfiguration }]))
  const streamOf = (arn: string): string => `e2e/main/${arn.split('/').at(-1)}`

  /** Everything in a stream, oldest first; nothing while there is no stream. */
  const eventsOf = async (logGroupName: string, logStreamName: string): Promise<OutputLogEvent[]> => {
    const found: OutputLogEvent[] = []
    const input: GetLogEventsCommandInput = { logGroupName, logStreamName, startFromHead: true }
    for (let nextToken: string | undefined; ; ) {
      const page = await berth.logs.send(new GetLogEventsCommand({ ...input, nextToken })).catch(ifMissing)
      found.push(...(page.events ?? []))
      if (page.nextForwardToken === nextToken) return found
      nextToken = page.nextForwardToken
    }
  }
  const messagesOf = async (group: string, arn: string): Promise<string[]> =>
    (await eventsOf(group, streamOf(arn))).map(({ message }) => message ?? '')
  /** Of `lines`: asks for the last one only, which is cheap, until it is there. */
  const whenThereIs = (group: string, arn: string, line: number): Promise<unknown> =>
    eventually(`line ${line} is in ${group}`, async () => {
      const of = { logGroupName: group, logStreamName: streamOf(arn), limit: 1 }
      const { events } = await berth.logs.send(new GetLogEventsCommand(of)).catch(ifMissing)
      return Number(events?.[0]?.message?.split(' ')[1]) >= line
    })
  const whenThereAre = (group: string, arn: string, count: number): Promise<string[]> =>
    eventually(`${count} lines are in ${group}`, async () => {
      const messages = await messagesOf(group, arn)
      return messages.length >= count && messages
    })

  it('are read with the AWS CLI: forwards and backwards by tokens, by pattern, and as a tail', async () => {
    const group = '/e2e/read'
    const script = [
      'for i in 1 2 3 4 5; do echo "plain $i"; done',
      'echo "ERROR disk full"',
      'echo "warning: low on memory" >&2',
      `echo '{"level":"error","code":7}'`,
      `echo '{"level":"info","code":8}'`,
      'echo last',
    ].join('; ')
    const arn = await start(script, awslogs(group))
    await tasks.reached(arn, 'STOPPED')
    const all = await whenThereAre(group, arn, 10)
    const ofStream = ['--log-group-name', group, '--log-stream-name', streamOf(arn)]
    type Page = Record<'nextForwardToken' | 'nextBackwardToken', string> & { events: { message: string }[] }
    const read = (...args: string[]): Promise<Page> =>
      berth.awsJson<Page>('logs', 'get-log-events', ...ofStream, '--limit', '6', ...args)

    const forwards: string[] = []
    let page = await read('--start-from-head')
    for (let token = ''; token !== page.nextForwardToken; ) {
      forwards.push(...page.events.map(({ message }) => message))
      token = page.nextForwardToken
      page = await read('--start-from-head', '--next-token', token)
    }
    expect(forwards).toEqual(all)
    const backwards: string[] = []
    page = await read()
    expect(page.events.map(({ message }) => message)).toEqual(all.slice(-6))
    for (let token = ''; token !== page.nextBackwardToken; ) {
      backwards.unshift(...page.events.map(({ message }) => message))
      token = page.nextBackwardToken
      page = await read('--next-token', token)
    }
    expect(backwards).toEqual(all)

    const matching = async (pattern: string): Promise<string[]> => {
      const { events = [] } = await berth.logs.send(
        new FilterLogEventsCommand({ logGroupName: group, filterPattern: pattern }),
      )
      return events.map(({ message = '' }) => message)
    }
    const { events } = await berth.awsJson<{ events: { message: string }[] }>(
      ...['logs', 'filter-log-events', '--log-group-name', group, '--filter-pattern', '?ERROR ?last'],
    )
    expect(events.map(({ message }) => message)).toEqual(['ERROR disk full', 'last'])
    expect(await matching('ERROR')).toEqual(['ERROR disk full'])
    expect(await matching('plain -2 -3 -4')).toEqual(['plain 1', 'plain 5'])
    expect(await matching('"low on memory"')).toEqual(['warning: low on memory'])
    expect(await matching('{ $.level = "error" }')).toEqual(['{"level":"error","code":7}'])
    expect(await matching('{ $.code > 7 }')).toEqual(['{"level":"info","code":8}'])
    const tail = (since: string): Promise<string> =>
      berth.aws('logs', 'tail', group, '--since', since, '--format', 'short')
    const tailed = (await tail('5m')).trim().split('\n')
    expect(tailed.map(line => line.slice(line.indexOf(' ') + 1))).toEqual(all)
    expect(await tail('0s')).toBe('')
  })

  it('join a line of 100 KiB that Docker has cut', async () => {
    const group = '/e2e/long'
    const script = `echo before; head -c 102400 /dev/zero | tr '\\0' x; echo; echo after`
    const arn = await start(script, awslogs(group))
    expect(await whenThereAre(group, arn, 3)).toEqual(['before', 'x'.repeat(102_400), 'after'])
  })

  it('of one container come at once while another floods, and of the flood nothing is lost or out of order', async () => {
    const slow = await start(
      `i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i; sleep 0.1; done; ${untilStopped}`,
      awslogs('/e2e/slow'),
    )
    await whenThereIs('/e2e/slow', slow, 1)
    const flood = await start(`seq 50000 | sed 's/^/line /'; ${untilStopped}`, awslogs('/e2e/flood'))
    await whenThereIs('/e2e/slow', slow, 40)
    const events = await eventsOf('/e2e/slow', streamOf(slow))
    expect(events.map(({ message }) => message)).toEqual(lines(40))
    const delays = events.map(({ timestamp = 0, ingestionTime = 0 }) => ingestionTime - timestamp)
    expect(Math.max(...delays)).toBeLessThan(1_500)
    await whenThereIs('/e2e/flood', flood, 50_000)
    expect(await messagesOf('/e2e/flood', flood)).toEqual(lines(50_000))
    for (const arn of [flood, slow]) await tasks.stop(arn)
  })

  it('lose and double nothing when the agent is killed twice in the middle', async () => {
    const group = '/e2e/agent-killed'
    const arn = await start(bursts(3_000), awslogs(group))
    for (const enough of [300, 1_200]) {
      await whenThereIs(group, arn, enough)
      await berth.killAgent()
      await berth.startAgent()
    }
    await whenThereIs(group, arn, 3_000)
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
    expect(await messagesOf(group, arn)).toEqual(lines(3_000))
  })

  it('lose and double nothing when the server is killed twice in the middle', async () => {
    const group = '/e2e/server-killed'
    const arn = await start(bursts(3_000), awslogs(group))
    for (const enough of [300, 1_200]) {
      await whenThereIs(group, arn, enough)
      await berth.killServer()
      await berth.startServer()
    }
    await whenThereIs(group, arn, 3_000)
    await berth.agentConnected()
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
    expect(await messagesOf(group, arn)).toEqual(lines(3_000))
  })

  it('arrive of a container that ended while neither agent nor server ran', async () => {
    const group = '/e2e/both-killed'
    const arn = await start('echo first; sleep 1; echo last', awslogs(group))
    await whenThereAre(group, arn, 1)
    await berth.killServer()
    await berth.killAgent()
    await berth.startServer()
    await berth.startAgent()
    expect((await tasks.reached(arn, 'STOPPED')).containers).toMatchObject([{ exitCode: 0 }])
    expect(await whenThereAre(group, arn, 2)).toEqual(['first', 'last'])
  })

  it('outlive their container, which is removed soon after its end', async () => {
    const group = '/e2e/removed'
    const arn = await start('echo kept', awslogs(group))
    const id = runtimeIdOf(await tasks.reached(arn, 'STOPPED'))
    await eventually(
      'the container is removed',
      async () => (await docker('ps', '-aq', '--filter', `id=${id}`)) === '',
    )
    expect(await messagesOf(group, arn)).toEqual(['kept'])
  })

  it('go to a stream with the name of the container’s id when there is no prefix', async () => {
    const options = { 'awslogs-stream-prefix': '' }
    const { 'awslogs-stream-prefix': _, ...rest } = awslogs('/e2e/no-prefix', options).options ?? {}
    const arn = await start('echo here', { logDriver: 'awslogs', options: rest })
    const id = runtimeIdOf(await tasks.reached(arn, 'STOPPED'))
    await eventually('the line is there', async () => {
      const [event] = await eventsOf('/e2e/no-prefix', id)
      return event?.message === 'here'
    })
  })

  it('keep a container from starting when their group does not exist and nobody says to make it', async () => {
    const stopped = await tasks.reached(
      await start('true', awslogs('/e2e/missing', { 'awslogs-create-group': 'false' })),
      'STOPPED',
    )
    expect(stopped.stopCode).toBe('TaskFailedToStart')
    expect(stopped.startedAt).toBeUndefined()
    expect(stopped.containers?.[0]?.reason).toBe(
      'CannotStartContainerError: Error response from daemon: failed to initialize logging driver: ' +
        'failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.',
    )
  })
})
