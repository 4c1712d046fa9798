/** Tells the control plane every ten seconds what went through. */
import type { BerthTraffic } from '@berth/model'
import type { IngressView } from './configuration/view.ts'
import { openSectionName, sectionName } from './configuration/words.ts'
import type { ServerRow } from './server-rows.ts'
import { type GroupOfSection, trafficSince } from './traffic.ts'

const periodMs = 10_000

export class TrafficReports {
  readonly #send: (message: BerthTraffic) => boolean
  #counters: ReadonlyMap<string, ServerRow> | undefined
  #dueAt = 0

  constructor(send: (message: BerthTraffic) => boolean) {
    this.#send = send
  }

  isDue(now: number): boolean {
    return now >= this.#dueAt
  }

  /** What nobody took is told the next time. */
  observe(view: IngressView, rows: ReadonlyMap<number, readonly ServerRow[]>, now: number): void {
    this.#dueAt = now + periodMs
    const counters = new Map(
      [...rows].flatMap(([worker, own]) =>
        own.map(row => [`${worker}/${row.section}/${row.server}`, row] as const),
      ),
    )
    // What was counted before the agent's time may have been told by an earlier life of it.
    if (this.#counters === undefined) {
      this.#counters = counters
      return
    }
    const groups = sectionsOf(view)
    const targetGroups = trafficSince(this.#counters, counters, section => groups.get(section))
    if (targetGroups.length === 0 || this.#send({ targetGroups })) this.#counters = counters
  }
}

const sectionsOf = (view: IngressView): Map<string, GroupOfSection> =>
  new Map(
    view.loadBalancers.flatMap(({ loadBalancer, targetGroups }) =>
      targetGroups.flatMap(({ arn }) => {
        const group = { loadBalancerArn: loadBalancer.arn, targetGroupArn: arn }
        return [
          [sectionName(arn), group],
          [openSectionName(arn), group],
        ] as const
      }),
    ),
  )
