/** Which slot of a target group has which target, and what to tell HAProxy when targets change. */
import type { TargetFact, TargetGroupFact } from '@berth/model'
import { isHttp, nowhere, type Slot } from './configuration/backend.ts'
import { openSectionName, sectionName } from './configuration/words.ts'

type Target = NonNullable<Slot['target']>

const leastSlots = 4

/** Twice the room that is needed, so that most changes need no reload. */
const roomFor = (targets: number): number => {
  if (targets === 0) return 0
  return Math.max(leastSlots, 2 ** Math.ceil(Math.log2(targets * 1.5)))
}

const keyOf = (isInVpc: boolean, { address, port }: Pick<Target, 'address' | 'port'>): string =>
  `${isInVpc} ${address} ${port}`

const ofNetwork = (slots: readonly Slot[], targets: readonly TargetFact[], isInVpc: boolean): Slot[] => {
  const own = slots.filter(slot => slot.isInVpc === isInVpc)
  const wanted = targets.filter(target => target.isInVpc === isInVpc).length
  const room = own.length >= wanted ? own.length : roomFor(wanted)
  const name = (index: number) => `${isInVpc ? 'vpc' : 'host'}${index + 1}`
  return Array.from({ length: room }, (_, index) => own[index] ?? { name: name(index), isInVpc })
}

/** The same slots, or more of them when these are too few. */
export const withRoom = (slots: readonly Slot[], targets: readonly TargetFact[]): readonly Slot[] => {
  const roomy = [...ofNetwork(slots, targets, false), ...ofNetwork(slots, targets, true)]
  return roomy.length === slots.length ? slots : roomy
}

export interface SlotChange {
  readonly slot: Slot
  readonly before: Target | undefined
}

export interface SlotPlan {
  readonly slots: readonly Slot[]
  readonly changes: readonly SlotChange[]
}

const isSameAddress = (left: Target | undefined, right: Target | undefined): boolean =>
  left?.address === right?.address && left?.port === right?.port

const isSameTarget = (left: Target | undefined, right: Target | undefined): boolean =>
  isSameAddress(left, right) && left?.isDraining === right?.isDraining

/** A target keeps its slot; there must be room. */
export const placeTargets = (slots: readonly Slot[], targets: readonly TargetFact[]): SlotPlan => {
  const wanted = new Map(targets.map(target => [keyOf(target.isInVpc, target), target]))
  const held = new Set<string>()
  const kept = slots.map(slot => {
    const key = slot.target && keyOf(slot.isInVpc, slot.target)
    const fact = key === undefined || held.has(key) ? undefined : wanted.get(key)
    if (key === undefined || fact === undefined) return undefined
    held.add(key)
    return fact
  })
  const newcomers = Map.groupBy(
    [...wanted].filter(([key]) => !held.has(key)).map(([, fact]) => fact),
    ({ isInVpc }) => isInVpc,
  )
  const isTaken = (index: number) => slots[index]?.target !== undefined
  const free = slots.map((_, index) => index).filter(index => kept[index] === undefined)
  // One that nobody had before has no connections to end.
  const inOrder = [...free.filter(index => !isTaken(index)), ...free.filter(isTaken)]
  const taken = new Map(
    inOrder.flatMap(index => {
      const fact = newcomers.get(slots[index]?.isInVpc ?? false)?.shift()
      return fact ? [[index, fact] as const] : []
    }),
  )
  const next = slots.map(({ name, isInVpc }, index): Slot => {
    const fact = kept[index] ?? taken.get(index)
    if (fact === undefined) return { name, isInVpc }
    const { address, port, isDraining } = fact
    return { name, isInVpc, target: { address, port, isDraining } }
  })
  const changes = next.flatMap((slot, index) => {
    const before = slots[index]?.target
    return isSameTarget(before, slot.target) ? [] : [{ slot, before }]
  })
  return { slots: next, changes }
}

/** For HAProxy's runtime API: what brings a slot from what it had to what it has. */
export const slotCommands = (group: TargetGroupFact, { slot, before }: SlotChange): string[] => {
  const sections = [sectionName(group.arn), openSectionName(group.arn)]
  const each = (command: (server: string) => string) =>
    sections.map(section => command(`${section}/${slot.name}`))
  // HAProxy lets those that stick to a server go on to it while it drains; AWS sends them elsewhere.
  const leave = isHttp(group) ? 'maint' : 'drain'
  const { target } = slot
  const isSame = isSameAddress(before, target)
  const release =
    before === undefined || isSame
      ? []
      : [
          ...each(server => `set server ${server} state maint`),
          ...each(server => `shutdown sessions server ${server}`),
        ]
  const { address, port } = target ?? nowhere
  const lead = isSame ? [] : each(server => `set server ${server} addr ${address} port ${port}`)
  if (target === undefined) return [...release, ...lead]
  // A check comes at once to a server that is down; until it passes, the others get the traffic.
  const prove =
    isSame || target.isDraining || !group.healthCheck.isEnabled
      ? []
      : [`set server ${sectionName(group.arn)}/${slot.name} health down`]
  return [
    ...release,
    ...lead,
    ...each(server => `set server ${server} state ${target.isDraining ? leave : 'ready'}`),
    ...prove,
  ]
}

/** Whether the slot begins with a target that nobody has asked for its health yet. */
export const isNewcomer = ({ slot, before }: SlotChange): boolean =>
  slot.target !== undefined && !isSameAddress(before, slot.target)

/** Whether the slot keeps its target, which drains from now on. */
export const isLeaving = ({ slot, before }: SlotChange): boolean =>
  slot.target?.isDraining === true && isSameAddress(before, slot.target)
