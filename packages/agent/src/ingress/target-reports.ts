/** Tells the control plane how targets are: what changed, and all of it as a session begins. */
import type { BerthTargetHealth, TargetFact, TargetGroupFact } from '@berth/model'
import { numberOf, openSectionName, sectionName } from './configuration/words.ts'
import type { ServerRow } from './server-rows.ts'
import { hasPassed, type TargetHealth, targetHealth } from './target-health.ts'
import type { TargetSlots } from './target-slots.ts'

type ReportedTarget = BerthTargetHealth['targets'][number]

export interface Observation {
  readonly groups: readonly TargetGroupFact[]
  readonly targets: (targetGroupArn: string) => readonly TargetFact[]
  readonly slots: TargetSlots
  /** Of the worker that takes new connections. */
  readonly rows: readonly ServerRow[]
  /** Of those that it has replaced. */
  readonly formerRows: readonly ServerRow[]
  /** Clients that are connected to them may still send their next request there, where the old rules hold. */
  readonly hasFormer: boolean
  readonly now: number
}

const rowKey = (section: string, server: string): string => `${section}/${server}`

export class TargetReports {
  readonly #send: (message: BerthTargetHealth) => boolean
  readonly #reported = new Map<string, string>()
  readonly #drainingSince = new Map<string, number>()
  /** By the key of its fact. */
  #states: ReadonlyMap<string, ReportedTarget> = new Map()
  #isWhole = true

  constructor(send: (message: BerthTargetHealth) => boolean) {
    this.#send = send
  }

  /** The control plane knows nothing of what was said in an earlier session. */
  sessionOpened(): void {
    this.#reported.clear()
    this.#isWhole = true
  }

  isHealthy({ key }: TargetFact): boolean {
    return this.#states.get(key)?.state === 'healthy'
  }

  /** Reports what is news. Returns commands for the current worker: for targets whose first check has passed, or whose time is up. */
  observe(observation: Observation): string[] {
    const commands: string[] = []
    const rows = new Map(observation.rows.map(row => [rowKey(row.section, row.server), row]))
    const sessions = sessionsOf([...observation.rows, ...observation.formerRows])
    const seen = new Map<string, ReportedTarget>()
    for (const group of observation.groups) {
      const section = sectionName(group.arn)
      const slots = new Map(
        observation.slots
          .of(group.arn)
          .flatMap(({ name, target }) => (target ? [[`${target.address} ${target.port}`, name]] : [])),
      )
      for (const target of observation.targets(group.arn)) {
        const slot = slots.get(`${target.address} ${target.port}`)
        const row = slot === undefined ? undefined : rows.get(rowKey(section, slot))
        if (slot === undefined || row === undefined) continue
        const isProven = isProvenNow(observation, group, section, row)
        if (isProven) {
          observation.slots.prove(section, slot)
          commands.push(`set server ${section}/${slot} health up`)
        }
        const unprovenSince = observation.slots.unprovenSince(section, slot)
        const health = target.isDraining
          ? this.#drainHealth(group, target, slot, sessions, observation, commands)
          : isProven
            ? { state: 'healthy' as const }
            : targetHealth(group, row, { isDraining: false, unprovenSince }, observation.now)
        if (!target.isDraining) this.#drainingSince.delete(target.key)
        const { targetGroupArn, targetId, port } = target
        seen.set(target.key, { targetGroupArn, targetId, port, ...health })
      }
    }
    this.#states = seen
    this.#report(seen)
    return commands
  }

  /** A target has drained when nothing leads to it any more and it has no connection left, or when the group's delay is over. */
  #drainHealth(
    group: TargetGroupFact,
    target: TargetFact,
    slot: string,
    sessions: ReadonlyMap<string, number>,
    { now, hasFormer }: Observation,
    commands: string[],
  ): TargetHealth {
    const since = this.#drainingSince.get(target.key) ?? now
    this.#drainingSince.set(target.key, since)
    const names = [sectionName(group.arn), openSectionName(group.arn)].map(section => rowKey(section, slot))
    const isIdle = !hasFormer && names.every(name => (sessions.get(name) ?? 0) === 0)
    const delayMs = 1_000 * numberOf(group.attributes, 'deregistration_delay.timeout_seconds', 300)
    const isOver = now - since >= delayMs
    if (!isIdle && !isOver)
      return {
        state: 'draining',
        reason: 'Target.DeregistrationInProgress',
        description: 'Target deregistration is in progress',
      }
    if (!isIdle) commands.push(...names.map(name => `shutdown sessions server ${name}`))
    return { state: 'drained' }
  }

  #report(seen: ReadonlyMap<string, ReportedTarget>): void {
    for (const key of this.#reported.keys())
      if (!seen.has(key)) {
        this.#reported.delete(key)
        this.#drainingSince.delete(key)
      }
    const texts = new Map([...seen].map(([key, target]) => [key, JSON.stringify(target)]))
    const news = [...seen].filter(([key]) => this.#reported.get(key) !== texts.get(key))
    if (news.length === 0 && !this.#isWhole) return
    if (!this.#send({ isWhole: this.#isWhole, targets: news.map(([, target]) => target) })) return
    this.#isWhole = false
    for (const [key, text] of texts) this.#reported.set(key, text)
  }
}

/** Its first check has passed: the target's own, and not that of one which had its slot before. */
const isProvenNow = (
  { slots, now }: Observation,
  { healthCheck }: TargetGroupFact,
  section: string,
  row: ServerRow,
): boolean => {
  const since = slots.unprovenSince(section, row.server)
  if (since === undefined || !hasPassed(row)) return false
  return !slots.mayShowFormer(section, row.server) || now - since >= healthCheck.intervalSeconds * 1_000
}

const sessionsOf = (rows: readonly ServerRow[]): Map<string, number> => {
  const sessions = new Map<string, number>()
  for (const { section, server, currentSessions } of rows) {
    const key = rowKey(section, server)
    sessions.set(key, (sessions.get(key) ?? 0) + currentSessions)
  }
  return sessions
}
