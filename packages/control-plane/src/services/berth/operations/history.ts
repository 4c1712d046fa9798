/** Searches what ECS forgets: tasks that stopped more than an hour ago, and events beyond the newest hundred. (docs/history.md) */
import type {
  PastServiceEvent,
  SearchServiceEventsRequest,
  SearchServiceEventsResponse,
  SearchStoppedTasksRequest,
  SearchStoppedTasksResponse,
} from '@berth/client'
import { type Condition, matchesFilter, type RecordFilter } from '../../../store/record-filter.ts'
import type { View } from '../../../store/view.ts'
import {
  clusterResource,
  findCluster,
  invalidParameter,
  minuteMs,
  openPage,
  resourceInCluster,
  serviceArnOf,
  serviceEvents,
  stoppedMinute,
  stoppedTasks,
  type TaskRow,
  taskResponse,
  tasks,
} from '../../ecs/index.ts'
import { writeListToken } from '../../list-token.ts'
import { type Call, operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'

type Request = SearchStoppedTasksRequest | SearchServiceEventsRequest

/** What is searched, in pages whose tokens are good for the same search only. */
const searchOf = (name: string, request: Request, { store, scope }: Call) => {
  const { cluster: reference, service, since, until, nextToken, maxResults, ...own } = request
  if (since && until && since >= until) throw invalidParameter('since must be before until.')
  const cluster = findCluster(store, scope, reference)
  const serviceArn = service === undefined ? undefined : serviceArnOf(cluster, service)
  const list = JSON.stringify([name, cluster.id, serviceArn, since?.getTime(), until?.getTime(), own])
  const page = openPage(list, { nextToken, maxResults })
  return { cluster, serviceArn, list, page, limit: maxResults ?? 100 }
}

const within = (member: string, { since, until }: Request): RecordFilter =>
  since || until ? [{ members: [member], from: since?.getTime(), below: until?.getTime() }] : []

const resources = ({ cluster, service }: Request, { scope }: Call): readonly string[] => [
  service === undefined
    ? clusterResource(scope, cluster)
    : resourceInCluster(scope, 'service', cluster, service),
]

/** Where a page of history goes on: what is after the mark is the journal's own. */
const pastMark = 'past|'
const pastFrom = (after: string): string | undefined => {
  const from = after.slice(pastMark.length)
  if (!/^\d{0,16}$/.test(from)) throw invalidParameter('Invalid nextToken.')
  return from === '' ? undefined : from
}

/** Hosts say when a task stopped: their clocks may be ahead. */
const aheadMinutes = 60
/** Tasks that stopped before are history. */
const liveMinutes = 62

/** STOPPED tasks that are no history yet, of all clusters, newest first but for the order within a minute. */
function* recentTasks(view: View, now: number, after: string | undefined): Generator<TaskRow> {
  const newest = Math.floor(now / minuteMs) + aheadMinutes
  const [shown, id] = after?.split('|', 2) ?? []
  const from = Number(shown ?? newest)
  if (!Number.isSafeInteger(from)) throw invalidParameter('Invalid nextToken.')
  for (let minute = Math.min(from, newest); minute > newest - aheadMinutes - liveMinutes; minute--)
    yield* view.where(tasks, 'byStoppedMinute', String(minute), minute === from ? id : undefined)
}

const tasksFilter = (request: SearchStoppedTasksRequest, serviceArn: string | undefined): RecordFilter => {
  const { reason, exitCode } = request
  const conditions: (Condition | undefined)[] = [
    serviceArn === undefined ? undefined : { members: ['serviceArn'], equals: serviceArn },
    exitCode === undefined ? undefined : { members: ['containers.exitCode'], equals: exitCode },
    reason === undefined
      ? undefined
      : { members: ['stoppedReason', 'stopCode', 'containers.reason'], contains: reason },
  ]
  return [...conditions.filter(condition => condition !== undefined), ...within('stoppedAt', request)]
}

const searchStoppedTasks = operation<SearchStoppedTasksRequest, SearchStoppedTasksResponse>({
  name: 'SearchStoppedTasks',
  effect: 'reads',
  resources,
  handle: async (request, call) => {
    const { store } = call
    const { cluster, serviceArn, list, page, limit } = searchOf('SearchStoppedTasks', request, call)
    const filter = tasksFilter(request, serviceArn)
    if (!page.after?.startsWith(pastMark)) {
      const { items, nextToken = writeListToken(list, pastMark) } = page.take(
        recentTasks(store, call.now, page.after),
        task => `${stoppedMinute(task)}|${task.id}`,
        task => task.clusterArn === cluster.id && matchesFilter(task, filter),
      )
      return { tasks: items.map(task => taskResponse(store, task, { tags: true })), nextToken }
    }
    const { records, next } = await store.history.search(
      stoppedTasks,
      { key: cluster.id },
      { filter, since: request.since?.getTime(), limit, from: pastFrom(page.after) },
    )
    return {
      tasks: records.map(task => taskResponse(store, task, { tags: true })),
      ...(next !== undefined && { nextToken: writeListToken(list, pastMark + next) }),
    }
  },
})

const searchServiceEvents = operation<SearchServiceEventsRequest, SearchServiceEventsResponse>({
  name: 'SearchServiceEvents',
  effect: 'reads',
  resources,
  handle: async (request, call) => {
    const { store } = call
    const { cluster, serviceArn, list, page, limit } = searchOf('SearchServiceEvents', request, call)
    const { message, since } = request
    const filter: RecordFilter = [
      ...(message === undefined ? [] : [{ members: ['message'], contains: message }]),
      ...within('createdAt', request),
    ]
    const keyPrefix = `${cluster.id.replace(':cluster/', ':service/')}/`
    const { records, next } = await store.history.search(
      serviceEvents,
      serviceArn === undefined ? { keyPrefix } : { key: serviceArn },
      { filter, since: since?.getTime(), limit, from: pastFrom(page.after ?? pastMark) },
    )
    const events = records.map(
      (event): PastServiceEvent => ({
        serviceArn: event.serviceArn,
        id: event.id,
        createdAt: timestamp(event.createdAt),
        message: event.message,
      }),
    )
    return { events, ...(next !== undefined && { nextToken: writeListToken(list, pastMark + next) }) }
  },
})

export const historyOperations = [searchStoppedTasks, searchServiceEvents]
