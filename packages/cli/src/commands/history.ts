import type { Task } from '@aws-sdk/client-ecs'
import {
  type BerthClient,
  type PastServiceEvent,
  SearchServiceEventsCommand,
  SearchStoppedTasksCommand,
} from '@berth/client'
import { berthClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { UsageError } from '../failures.ts'
import { type Flags, text } from '../flags.ts'
import { timeOf } from '../history/time.ts'
import { ownerOf, shortName } from '../listing/words.ts'
import type { Output } from '../output.ts'

const wholeNumber = (flags: Flags, name: string): number | undefined => {
  const given = text(flags, name)
  if (given === undefined) return undefined
  if (!/^\d{1,9}$/.test(given)) throw new UsageError(`--${name} must be a whole number, not ${given}.`)
  return Number(given)
}

/** What both searches take. */
const searchOf = (flags: Flags) => {
  const since = text(flags, 'since')
  const until = text(flags, 'until')
  const now = Date.now()
  return {
    cluster: text(flags, 'cluster') ?? 'default',
    service: text(flags, 'service'),
    ...(since !== undefined && { since: timeOf(since, now) }),
    ...(until !== undefined && { until: timeOf(until, now) }),
  }
}

/** Goes from page to page, which may be empty, until there is enough. */
const collect = async <T>(
  limit: number,
  page: (
    nextToken: string | undefined,
  ) => Promise<{ readonly found: readonly T[]; readonly nextToken?: string | undefined }>,
): Promise<T[]> => {
  const all: T[] = []
  let nextToken: string | undefined
  do {
    const answer = await page(nextToken)
    all.push(...answer.found)
    nextToken = answer.nextToken
  } while (nextToken !== undefined && all.length < limit)
  return all.slice(0, limit)
}

const findTasks = async (client: BerthClient, flags: Flags, limit: number): Promise<Task[]> => {
  const search = {
    ...searchOf(flags),
    reason: text(flags, 'grep'),
    exitCode: wholeNumber(flags, 'exit-code'),
  }
  const found = await collect(limit, async nextToken => {
    const { tasks = [], ...rest } = await client.send(new SearchStoppedTasksCommand({ ...search, nextToken }))
    return { found: tasks, nextToken: rest.nextToken }
  })
  return found.sort((a, b) => Number(b.stoppedAt ?? 0) - Number(a.stoppedAt ?? 0))
}

const findEvents = (client: BerthClient, flags: Flags, limit: number): Promise<PastServiceEvent[]> => {
  if (text(flags, 'exit-code') !== undefined) throw new UsageError('Events have no exit code.')
  const search = { ...searchOf(flags), message: text(flags, 'grep') }
  return collect(limit, async nextToken => {
    const { events = [], ...rest } = await client.send(
      new SearchServiceEventsCommand({ ...search, nextToken }),
    )
    return { found: events, nextToken: rest.nextToken }
  })
}

const exitCodes = (task: Task): string =>
  (task.containers ?? []).flatMap(({ exitCode }) => (exitCode === undefined ? [] : [exitCode])).join(', ') ||
  '-'

const showTasks = (tasks: readonly Task[], output: Output): void =>
  output.table(
    ['STOPPED', 'TASK', 'SERVICE', 'DEFINITION', 'EXIT', 'REASON'],
    tasks.map(task => [
      task.stoppedAt?.toISOString() ?? '-',
      shortName(task.taskArn),
      ownerOf(task.group),
      shortName(task.taskDefinitionArn),
      exitCodes(task),
      task.stoppedReason ?? task.stopCode ?? '-',
    ]),
  )

const showEvents = (events: readonly PastServiceEvent[], output: Output): void => {
  for (const { createdAt, message } of events)
    output.line(`${output.colour('dim', createdAt?.toISOString() ?? '')}  ${message}`)
}

const run = async ({ configuration, flags, positionals, output }: Invocation): Promise<number> => {
  const [what] = positionals
  const limit = wholeNumber(flags, 'limit') ?? 100
  const client = berthClient(configuration)
  if (what === 'tasks') {
    const tasks = await talking(configuration, () => findTasks(client, flags, limit))
    output.show(tasks, () => showTasks(tasks, output))
  } else if (what === 'events') {
    const events = await talking(configuration, () => findEvents(client, flags, limit))
    output.show(events, () => showEvents(events, output))
  } else throw new UsageError('Say tasks or events.')
  return 0
}

export const history: Command = {
  name: 'history',
  summary: 'Search stopped tasks and events of services, newest first, as far back as they are kept',
  usage:
    'tasks|events [--service NAME] [--since 2h] [--until TIME] [--grep TEXT] [--exit-code N] [--limit 100] [--cluster default]',
  options: {
    service: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    grep: { type: 'string' },
    'exit-code': { type: 'string' },
    limit: { type: 'string' },
    cluster: { type: 'string' },
  },
  positionals: [1, 1],
  run,
}
