/** What has gone through load balancers, by target group, since this server started: in memory, for /metrics and scaling. */
import type { BerthTraffic } from '@berth/model'
import { isRecord, recordsOf, textOf } from '../frames.ts'

type Report = BerthTraffic['targetGroups'][number]
const sums = [
  'requests',
  'answers2xx',
  'answers3xx',
  'answers4xx',
  'answers5xx',
  'connectionErrors',
  'responseTimeSum',
  'newConnections',
  'processedBytes',
] as const
type Sum = (typeof sums)[number]

/** Times in seconds. */
export type Traffic = Readonly<Pick<Report, 'loadBalancerArn' | 'targetGroupArn' | Sum | 'responseTimeMax'>>

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY

const isReport = (record: unknown): record is Report =>
  isRecord(record) &&
  textOf(record, 'loadBalancerArn') !== '' &&
  textOf(record, 'targetGroupArn') !== '' &&
  [...sums, 'responseTimeMax'].every(member => isCount(record[member]))

/** Bounded by the target groups for which `isKnown` holds. */
export class TrafficTotals {
  readonly #isKnown: (targetGroupArn: string) => boolean
  readonly #totals = new Map<string, Traffic>()

  constructor(isKnown: (targetGroupArn: string) => boolean) {
    this.#isKnown = isKnown
  }

  /** Adds what a `BerthTraffic` message says. */
  add(message: unknown): void {
    const records: readonly unknown[] = recordsOf(message, 'targetGroups')
    for (const report of records.filter(isReport)) {
      const key = `${report.loadBalancerArn}|${report.targetGroupArn}`
      if (this.#isKnown(report.targetGroupArn)) this.#totals.set(key, added(this.#totals.get(key), report))
    }
  }

  /** Forgets the target groups that are gone. */
  all(): readonly Traffic[] {
    for (const [key, { targetGroupArn }] of this.#totals)
      if (!this.#isKnown(targetGroupArn)) this.#totals.delete(key)
    return [...this.#totals.values()]
  }
}

const added = (before: Traffic | undefined, report: Report): Traffic => {
  const { loadBalancerArn, targetGroupArn } = report
  const responseTimeMax = Math.max(before?.responseTimeMax ?? 0, report.responseTimeMax)
  const total = Object.fromEntries(sums.map(sum => [sum, (before?.[sum] ?? 0) + report[sum]]))
  return { loadBalancerArn, targetGroupArn, responseTimeMax, ...(total as Record<Sum, number>) }
}
