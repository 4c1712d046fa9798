/** Lines from 50 containers that all write as fast as they can, until each line is in the log store, none lost and in order. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  type OutputLogEvent,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs'
import { Berth } from '../test/e2e/berth.ts'
import { busybox, makeBusyboxImage } from '../test/e2e/busybox.ts'
import { allReach, define, runTasks, stopTasks } from './berth-tasks.ts'
import { inParallel, polled } from './measure.ts'

const containers = 50
const linesEach = 20_000
const text = 'x'.repeat(90)
const group = '/bench'
const drainMs = 600_000

/** All begin to write at the same time: when the file is there. */
const script = `until [ -e /gate/open ]; do sleep 0.05; done
awk 'BEGIN { for (i = 0; i < ${linesEach}; i++) print i, "${text}" }'
sleep 3600`

const defineWriter = (berth: Berth, gate: string): Promise<void> =>
  define(berth, {
    family: 'writer',
    networkMode: 'none',
    volumes: [{ name: 'gate', host: { sourcePath: gate } }],
    containerDefinitions: [
      {
        name: 'main',
        image: busybox,
        memory: 16,
        stopTimeout: 2,
        command: ['sh', '-c', script],
        mountPoints: [{ sourceVolume: 'gate', containerPath: '/gate', readOnly: true }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': group,
            'awslogs-region': 'us-east-1',
            'awslogs-create-group': 'true',
            'awslogs-stream-prefix': 'bench',
          },
        },
      },
    ],
  })

const numberOf = (event: OutputLogEvent | undefined): number => Number(event?.message?.split(' ')[0])

const isComplete = async (berth: Berth, logStreamName: string): Promise<boolean> => {
  const last = { logGroupName: group, logStreamName, limit: 1 }
  const answer = await berth.logs.send(new GetLogEventsCommand(last)).catch((error: unknown) => {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  })
  return numberOf(answer?.events?.[0]) === linesEach - 1
}

/** Throws when a line is missing, twice there or out of order. Resolves to when the last one was taken in. */
const check = async (berth: Berth, logStreamName: string): Promise<number> => {
  const input: GetLogEventsCommandInput = { logGroupName: group, logStreamName, startFromHead: true }
  let expected = 0
  let takenAt = 0
  for (let nextToken: string | undefined; ; ) {
    const page = await berth.logs.send(new GetLogEventsCommand({ ...input, nextToken }))
    for (const event of page.events ?? []) {
      if (numberOf(event) !== expected)
        throw new Error(`${logStreamName} has line ${numberOf(event)} in the place of line ${expected}`)
      expected++
      takenAt = Math.max(takenAt, event.ingestionTime ?? 0)
    }
    if (page.nextForwardToken === nextToken) break
    nextToken = page.nextForwardToken
  }
  if (expected !== linesEach) throw new Error(`${logStreamName} has ${expected} of ${linesEach} lines`)
  return takenAt
}

export const containerLogs = async (): Promise<void> => {
  makeBusyboxImage()
  const gate = mkdtempSync(join(tmpdir(), 'berth-bench-gate-'))
  const berth = await Berth.start()
  try {
    await defineWriter(berth, gate)
    const arns = await runTasks(berth, 'writer', containers)
    await allReach(berth, arns, 'RUNNING', 100)
    const streams = arns.map(arn => `bench/main/${arn.split('/').at(-1)}`)
    const openedAt = Date.now()
    writeFileSync(join(gate, 'open'), '')
    for (const stream of streams) await polled(() => isComplete(berth, stream), 250, drainMs)
    const taken: number[] = []
    await inParallel(streams, 4, async stream => taken.push(await check(berth, stream)))
    const seconds = (Math.max(...taken) - openedAt) / 1000
    const lines = containers * linesEach
    console.log(
      `${lines} lines of ${containers} containers, from the first being written to the last on the server's disk: ${seconds.toFixed(1)} s, ${Math.round(lines / seconds)} lines/s; none lost, none twice, all in order`,
    )
    await stopTasks(berth, arns)
  } finally {
    await berth.stop()
    rmSync(gate, { recursive: true, force: true })
  }
}
