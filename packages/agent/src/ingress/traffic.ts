/** What went through a target group, counted by HAProxy per server and worker. */
import type { BerthTraffic } from '@berth/model'
import type { ServerRow } from './server-rows.ts'

export type GroupTraffic = BerthTraffic['targetGroups'][number]

type Counted = Pick<
  ServerRow,
  'requests' | 'answers' | 'connectionErrors' | 'totalSessions' | 'bytesIn' | 'bytesOut'
>

/** By worker, section and server: a new worker counts from nothing. */
export type Counters = ReadonlyMap<string, ServerRow>

const nothing: Counted = {
  requests: 0,
  answers: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
  connectionErrors: 0,
  totalSessions: 0,
  bytesIn: 0,
  bytesOut: 0,
}

const empty = (loadBalancerArn: string, targetGroupArn: string): GroupTraffic => ({
  loadBalancerArn,
  targetGroupArn,
  requests: 0,
  answers2xx: 0,
  answers3xx: 0,
  answers4xx: 0,
  answers5xx: 0,
  connectionErrors: 0,
  responseTimeSum: 0,
  responseTimeMax: 0,
  newConnections: 0,
  processedBytes: 0,
})

const plus = (sum: GroupTraffic, row: ServerRow, before: Counted): GroupTraffic => {
  const requests = row.requests - before.requests
  const grown = (kind: keyof ServerRow['answers']) => row.answers[kind] - before.answers[kind]
  return {
    ...sum,
    requests: sum.requests + requests,
    answers2xx: sum.answers2xx + grown('2xx'),
    answers3xx: sum.answers3xx + grown('3xx'),
    answers4xx: sum.answers4xx + grown('4xx'),
    answers5xx: sum.answers5xx + grown('5xx'),
    connectionErrors: sum.connectionErrors + row.connectionErrors - before.connectionErrors,
    responseTimeSum: sum.responseTimeSum + (requests * row.meanResponseMs) / 1_000,
    responseTimeMax:
      requests > 0 ? Math.max(sum.responseTimeMax, row.longestResponseMs / 1_000) : sum.responseTimeMax,
    newConnections: sum.newConnections + row.totalSessions - before.totalSessions,
    processedBytes: sum.processedBytes + row.bytesIn + row.bytesOut - before.bytesIn - before.bytesOut,
  }
}

export interface GroupOfSection {
  readonly loadBalancerArn: string
  readonly targetGroupArn: string
}

/** What the counters grew by, of the groups that had any traffic. */
export const trafficSince = (
  before: Counters,
  now: Counters,
  groupOf: (section: string) => GroupOfSection | undefined,
): GroupTraffic[] => {
  const sums = new Map<string, GroupTraffic>()
  for (const [key, row] of now) {
    const group = groupOf(row.section)
    if (!group) continue
    const sum = sums.get(group.targetGroupArn) ?? empty(group.loadBalancerArn, group.targetGroupArn)
    sums.set(group.targetGroupArn, plus(sum, row, before.get(key) ?? nothing))
  }
  return [...sums.values()].filter(
    ({ requests, newConnections, processedBytes, connectionErrors }) =>
      requests + newConnections + processedBytes + connectionErrors > 0,
  )
}
