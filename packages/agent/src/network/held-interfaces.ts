/** The interfaces of this host: those of its tasks from attach to detach, and those of the load balancers that it carries. */
import type { InterfaceFact } from '@berth/model'
import type { HeldInterface, HeldInterfaceStore } from './held-interface.ts'
import { freeLinkAddress } from './link-addresses.ts'
import type { NetworkView } from './vpc-view.ts'

/** Undefined while the control plane has not told all of it. */
const readInterface = (
  view: NetworkView,
  fact: InterfaceFact | undefined,
): Omit<HeldInterface, 'linkAddress'> | undefined => {
  const subnet = fact && view.subnets.get(fact.subnetId)
  const vpc = fact && view.vpcs.get(fact.vpcId)
  return fact && subnet && vpc ? { fact, subnet, vpc } : undefined
}

const isLoadBalancers = ({ fact }: HeldInterface): boolean => fact.holder.kind === 'load-balancer'

export class HeldInterfaces {
  readonly #store: HeldInterfaceStore
  readonly #tag: string
  readonly #held = new Map<string, HeldInterface>()
  readonly #byLinkAddress = new Map<string, HeldInterface>()

  /** `tag`: of the agent. `isKnown`: a task that is not has ended in an earlier life of the agent. */
  constructor(store: HeldInterfaceStore, tag: string, isKnown: (taskArn: string) => boolean) {
    this.#store = store
    this.#tag = tag
    for (const held of store.heldInterfaces()) {
      const { holder, interfaceId } = held.fact
      if (holder.kind === 'task' && !isKnown(holder.taskArn)) store.releaseInterface(interfaceId)
      else this.#set(held)
    }
  }

  get(interfaceId: string): HeldInterface | undefined {
    return this.#held.get(interfaceId)
  }

  at(linkAddress: string): HeldInterface | undefined {
    return this.#byLinkAddress.get(linkAddress)
  }

  all(): readonly HeldInterface[] {
    return [...this.#held.values()]
  }

  byVpc(): ReadonlyMap<string, readonly HeldInterface[]> {
    return Map.groupBy(this.#held.values(), ({ fact }) => fact.vpcId)
  }

  /**
   * Undefined while the control plane has not told all of it. `taken`: link addresses of other agents of the host. Throws when
   * no link address is left.
   */
  hold(interfaceId: string, view: NetworkView, taken: readonly string[]): HeldInterface | undefined {
    const known = this.#held.get(interfaceId)
    const read = readInterface(view, view.interfaces.get(interfaceId))
    if (known || !read) return known
    const linkAddress = freeLinkAddress(new Set([...taken, ...this.#byLinkAddress.keys()]), this.#tag)
    if (linkAddress === undefined) throw new Error('this host has no link address left for an interface')
    return this.#keep({ ...read, linkAddress })
  }

  /** Whether a load balancer has an interface that is not held yet. */
  needsLinkAddress(view: NetworkView): boolean {
    return [...view.interfaces.values()].some(
      ({ holder, interfaceId }) => holder.kind === 'load-balancer' && !this.#held.has(interfaceId),
    )
  }

  release(interfaceId: string): void {
    const held = this.#held.get(interfaceId)
    if (!held) return
    this.#held.delete(interfaceId)
    this.#byLinkAddress.delete(held.linkAddress)
    this.#store.releaseInterface(interfaceId)
  }

  /**
   * Takes in what the control plane says of them now, and holds what load balancers have. Returns what load balancers no longer
   * have; a task's goes with the task, whatever is said.
   */
  refresh(view: NetworkView, taken: readonly string[]): readonly HeldInterface[] {
    for (const held of this.all()) {
      const read = readInterface(view, view.interfaces.get(held.fact.interfaceId) ?? held.fact)
      const isNews = read && (read.fact !== held.fact || read.subnet !== held.subnet || read.vpc !== held.vpc)
      if (isNews) this.#keep({ ...read, linkAddress: held.linkAddress })
    }
    for (const { holder, interfaceId } of view.interfaces.values())
      if (holder.kind === 'load-balancer') this.hold(interfaceId, view, taken)
    const gone = this.all().filter(
      held => isLoadBalancers(held) && !view.interfaces.has(held.fact.interfaceId),
    )
    for (const { fact } of gone) this.release(fact.interfaceId)
    return gone
  }

  #keep(held: HeldInterface): HeldInterface {
    this.#set(held)
    this.#store.holdInterface(held)
    return held
  }

  #set(held: HeldInterface): void {
    this.#held.set(held.fact.interfaceId, held)
    this.#byLinkAddress.set(held.linkAddress, held)
  }
}
