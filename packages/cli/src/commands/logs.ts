import { setTimeout as delay } from 'node:timers/promises'
import {
  type CloudWatchLogsClient,
  GetLogEventsCommand,
  type OutputLogEvent,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs'
import type { ECSClient, Task } from '@aws-sdk/client-ecs'
import { ecsClient, logsClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { CommandFailure, UsageError } from '../failures.ts'
import { text } from '../flags.ts'
import { type LogStream, logStreams } from '../listing/log-streams.ts'
import { describeTasks, listTasks } from '../listing/tasks.ts'
import type { Output } from '../output.ts'

const pollIntervalMs = 400

/** The task of that id or ARN, else every task of the service of that name, those that stopped lately included. */
const findTasks = async (client: ECSClient, cluster: string, name: string): Promise<Task[]> => {
  if (/^([0-9a-f]{32}|arn:.*:task\/.*)$/.test(name)) return describeTasks(client, cluster, [name])
  return [
    ...(await listTasks(client, { cluster, serviceName: name })),
    ...(await listTasks(client, { cluster, serviceName: name, stopped: true })),
  ]
}

/** Reads one stream from where it stands to its present end. */
class StreamReader {
  readonly stream: LogStream
  readonly #client: CloudWatchLogsClient
  #token: string | undefined

  constructor(client: CloudWatchLogsClient, stream: LogStream) {
    this.#client = client
    this.stream = stream
  }

  async readNew(): Promise<OutputLogEvent[]> {
    const events: OutputLogEvent[] = []
    for (;;) {
      const page = await this.#readPage()
      events.push(...(page?.events ?? []))
      if (page === undefined || page.nextForwardToken === this.#token) return events
      this.#token = page.nextForwardToken
    }
  }

  async #readPage() {
    const { group, stream } = this.stream
    try {
      return await this.#client.send(
        new GetLogEventsCommand({
          logGroupName: group,
          logStreamName: stream,
          startFromHead: true,
          ...(this.#token === undefined ? {} : { nextToken: this.#token }),
        }),
      )
    } catch (error) {
      // The stream comes into being with the container's first line.
      if (error instanceof ResourceNotFoundException) return undefined
      throw error
    }
  }
}

const print = (lines: readonly { stream: LogStream; event: OutputLogEvent }[], output: Output): void => {
  for (const { stream, event } of [...lines].sort(
    (a, b) => (a.event.timestamp ?? 0) - (b.event.timestamp ?? 0),
  )) {
    if (output.json)
      output.line(JSON.stringify({ ...stream, timestamp: event.timestamp, message: event.message }))
    else
      output.line(
        `${output.colour('cyan', `${stream.task.slice(0, 8)}/${stream.container}`)}  ${event.message}`,
      )
  }
}

const run = async ({ configuration, flags, positionals, output }: Invocation): Promise<number> => {
  const [name] = positionals
  if (name === undefined) throw new UsageError('Name a task or a service.')
  const client = ecsClient(configuration)
  const logs = logsClient(configuration)
  const cluster = text(flags, 'cluster') ?? 'default'
  const readers = new Map<string, StreamReader>()
  const showNew = async (): Promise<void> => {
    for (const stream of await logStreams(
      client,
      await findTasks(client, cluster, name),
      text(flags, 'container'),
    )) {
      const key = `${stream.group} ${stream.stream}`
      if (!readers.has(key)) readers.set(key, new StreamReader(logs, stream))
    }
    const lines = await Promise.all(
      [...readers.values()].map(async reader =>
        (await reader.readNew()).map(event => ({ stream: reader.stream, event })),
      ),
    )
    print(lines.flat(), output)
  }
  await talking(configuration, showNew)
  if (readers.size === 0)
    throw new CommandFailure(
      `No container of ${name} logs with the awslogs driver, or there is no such task.`,
    )
  while (flags['follow'] === true) {
    await delay(pollIntervalMs)
    await talking(configuration, showNew)
  }
  return 0
}

export const logs: Command = {
  name: 'logs',
  summary: "Show the logs of a task, or of all of a service's tasks",
  usage: 'TASK|SERVICE [-f] [--container NAME] [--cluster default]',
  options: {
    cluster: { type: 'string' },
    container: { type: 'string' },
    follow: { type: 'boolean', short: 'f' },
  },
  positionals: [1, 1],
  run,
}
