/** The slots of all target groups as HAProxy has them, and which of their targets wait for a first passed check. */
import type { TargetFact, TargetGroupFact } from '@berth/model'
import { nowhere, type Slot } from './configuration/backend.ts'
import { sectionName } from './configuration/words.ts'
import type { ServerState } from './server-rows.ts'
import { isLeaving, isNewcomer, placeTargets, slotCommands, withRoom } from './slots.ts'

const vpcSlot = /^vpc\d+$/

/** By command (1, or by configuration 4) or draining (8). */
const outOfService = 1 | 8

const slotOf = ({ server, address, port, administrativeState }: ServerState): Slot => {
  const slot = { name: server, isInVpc: vpcSlot.test(server) }
  if (address === nowhere.address && port === nowhere.port) return slot
  return { ...slot, target: { address, port, isDraining: (administrativeState & outOfService) !== 0 } }
}

const unprovenKey = (section: string, slot: string): string => `${section}/${slot}`

export interface Placed {
  readonly commands: readonly string[]
  readonly formerCommands: readonly string[]
  readonly hasGrown: boolean
}

export class TargetSlots {
  readonly #slots = new Map<string, readonly Slot[]>()
  readonly #unproven = new Map<string, number>()
  /** Those that have had a target: HAProxy shows its last check until the next one's first. */
  readonly #used = new Set<string>()
  readonly #showingFormer = new Set<string>()

  /** What a HAProxy that runs has. */
  adopt(groups: readonly TargetGroupFact[], states: readonly ServerState[]): void {
    const bySection = Map.groupBy(states, ({ section }) => section)
    for (const { arn } of groups) {
      const own = bySection.get(sectionName(arn))
      if (own) this.#slots.set(arn, own.map(slotOf))
    }
  }

  of(targetGroupArn: string): readonly Slot[] {
    return this.#slots.get(targetGroupArn) ?? []
  }

  /**
   * Gives each target a slot. The commands are for slots that HAProxy has already; it must load those that were added.
   * `formerCommands` are for workers that were replaced: they lead clients to the targets that they know until these are gone.
   */
  place(group: TargetGroupFact, targets: readonly TargetFact[], now: number): Placed {
    const before = this.of(group.arn)
    const roomy = withRoom(before, targets)
    const { slots, changes } = placeTargets(roomy, targets)
    this.#slots.set(group.arn, slots)
    const section = sectionName(group.arn)
    for (const change of changes) {
      const key = unprovenKey(section, change.slot.name)
      if (isNewcomer(change)) this.#begin(key, now)
      else if (change.slot.target === undefined) this.#unproven.delete(key)
    }
    const known = new Set(before.map(({ name }) => name))
    const ofKnown = changes.filter(({ slot }) => known.has(slot.name))
    return {
      commands: ofKnown.flatMap(change => slotCommands(group, change)),
      formerCommands: ofKnown
        .filter(change => !isLeaving(change))
        .flatMap(change => slotCommands(group, change)),
      hasGrown: roomy !== before,
    }
  }

  /** Away with groups that are no more. */
  keep(targetGroupArns: ReadonlySet<string>): void {
    for (const arn of this.#slots.keys()) if (!targetGroupArns.has(arn)) this.#slots.delete(arn)
  }

  unprovenSince(section: string, slot: string): number | undefined {
    return this.#unproven.get(unprovenKey(section, slot))
  }

  #begin(key: string, now: number): void {
    this.#unproven.set(key, now)
    if (this.#used.has(key)) this.#showingFormer.add(key)
    this.#used.add(key)
  }

  /** What HAProxy shows of a slot's checks may be of the target that had it before. */
  mayShowFormer(section: string, slot: string): boolean {
    return this.#showingFormer.has(unprovenKey(section, slot))
  }

  /** Its first check has passed. */
  prove(section: string, slot: string): void {
    this.#unproven.delete(unprovenKey(section, slot))
    this.#showingFormer.delete(unprovenKey(section, slot))
  }

  /** HAProxy was not there: nothing is known of any target. */
  doubtAll(): void {
    this.#slots.clear()
    this.#unproven.clear()
    this.#used.clear()
    this.#showingFormer.clear()
  }
}
