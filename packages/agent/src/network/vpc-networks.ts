/**
 * The networks of this host: keeps what the kernel has as the control plane's facts and the interfaces of running tasks ask for
 * it, one change after the other, and mends every few seconds what somebody else has undone.
 */
import type { Cancel, Clock } from '../clock.ts'
import type { Facts } from '../facts/index.ts'
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import type { HeldInterface, HeldInterfaceStore } from './held-interface.ts'
import { HeldInterfaces } from './held-interfaces.ts'
import { HostIpv6 } from './host-ipv6.ts'
import { createHostSide, type HostSide } from './host-side.ts'
import { interfaceNamespace, namespacePath, namespacePrefix, routerNamespace } from './names.ts'
import { createNamespaces, type Namespaces } from './namespaces.ts'
import { createOverlayGuard, type GuardedOverlay, type OverlayGuard } from './overlay-guard.ts'
import { Router } from './router.ts'
import type { RouterState } from './router-rules.ts'
import { otherUnderlays } from './routes.ts'
import { hostsApart, type Underlay, wireGuardPeers } from './underlay.ts'
import { emptyView, type NetworkView, viewAfter } from './vpc-view.ts'
import type { WireGuardLink } from './wireguard-link.ts'

const verifyMs = 10_000
/** The changes of a burst are made together. */
const gatherMs = 5
/** The control plane tells of an interface beside its task, and either may come first. */
const factPatienceMs = 60_000

export interface VpcNetworksOptions {
  readonly run: RunCommand
  readonly clock: Clock
  readonly log: Log
  readonly facts: Facts
  readonly store: HeldInterfaceStore
  readonly tag: string
  readonly underlay: Underlay
  /** The operator lets tasks reach the metadata of the machine that the host is. */
  readonly reachesInstanceMetadata: boolean
  /** Of the underlay's tunnel. */
  readonly wireGuard?: WireGuardLink
  /** Whether a task is one of this agent's: what another one left is released. */
  knowsTask(taskArn: string): boolean
  /** The path of the network namespace of a task's interface; undefined while it has none. */
  taskNamespace(taskArn: string): Promise<string | undefined>
}

export interface VpcNetworks {
  /**
   * Resolves when the interface is in its task's namespace and its rules hold. Rejects with InterfaceUnknown when the control
   * plane does not tell of it in time, and with CommandError when the host cannot.
   */
  attach(interfaceId: string): Promise<HeldInterface>
  /** Nothing happens when it is not attached. */
  detach(interfaceId: string): Promise<void>
  /** Whose link address that is. */
  interfaceAt(linkAddress: string): HeldInterface | undefined
  /** The network namespace in which a load balancer's interface is, by its name below /run/netns. */
  loadBalancerNamespace(interfaceId: string): string
  /** What is attached stays. */
  stop(): Promise<void>
}

export class InterfaceUnknown extends Error {
  constructor(interfaceId: string) {
    super(`the control plane has not told this host of the network interface ${interfaceId}`)
    this.name = 'InterfaceUnknown'
  }
}

const areSame = (left: RouterState | undefined, right: RouterState): boolean =>
  left !== undefined &&
  left.vpc === right.vpc &&
  left.view.groups === right.view.groups &&
  left.view.acls === right.view.acls &&
  left.view.peers.get(left.vpc.vpcId) === right.view.peers.get(right.vpc.vpcId) &&
  left.hostLeadsOutside === right.hostLeadsOutside &&
  left.view.members === right.view.members &&
  left.view.addresses.get(left.vpc.vpcId) === right.view.addresses.get(right.vpc.vpcId) &&
  left.held.length === right.held.length &&
  left.held.every((one, index) => one === right.held[index])

interface KnownRouter {
  readonly router: Router
  /** Undefined: the kernel may have something else. */
  made: RouterState | undefined
  /** Why the last attempt failed. */
  problem: unknown
}

class HostNetworks implements VpcNetworks {
  readonly #options: VpcNetworksOptions
  readonly #namespaces: Namespaces
  readonly #hostSide: HostSide
  readonly #hostIpv6: HostIpv6
  readonly #overlayGuard: OverlayGuard
  readonly #held: HeldInterfaces
  readonly #routers = new Map<string, KnownRouter>()
  /** Who waits for an interface to be told of. */
  readonly #wakes = new Set<() => void>()
  #view: NetworkView
  #last: Promise<void> = Promise.resolve()
  #gathered: Promise<void> | undefined
  #hostProblem: unknown
  /** The ARNs of those that this host has warned of. */
  #hostsApart: readonly string[] = []
  #cancelTimer: Cancel = () => {}
  #stopWatching: Cancel = () => {}
  #isStopped = false

  constructor(options: VpcNetworksOptions) {
    const { run, tag, log, facts, store, knowsTask, underlay } = options
    this.#options = options
    this.#namespaces = createNamespaces(run)
    this.#hostSide = createHostSide(run, tag)
    this.#hostIpv6 = new HostIpv6(run, tag, log)
    this.#overlayGuard = createOverlayGuard(run, tag, underlay.tunnel?.link)
    this.#held = new HeldInterfaces(store, tag, knowsTask)
    this.#view = viewAfter(emptyView, { changed: [...facts.of('network').values()], gone: [] })
  }

  /** Resolves when what an earlier life of the agent made is as it should be, or has been tried. */
  async start(): Promise<void> {
    this.#stopWatching = this.#options.facts.watch('network', change => {
      this.#view = viewAfter(this.#view, change)
      for (const wake of this.#wakes) wake()
      void this.#change()
    })
    await this.#next(true)
    this.#verifyRegularly()
  }

  async attach(interfaceId: string): Promise<HeldInterface> {
    const held = await this.#hold(interfaceId)
    const { vpcId } = held.fact
    this.#routers.get(vpcId)?.router.renew(interfaceId)
    this.#doubt(vpcId)
    await this.#change()
    const known = this.#routers.get(vpcId)
    const problem = known?.problem ?? known?.router.problems.get(interfaceId) ?? this.#hostProblem
    if (problem !== undefined) throw problem
    return held
  }

  async detach(interfaceId: string): Promise<void> {
    const vpcId = this.#held.get(interfaceId)?.fact.vpcId
    if (vpcId === undefined) return
    this.#held.release(interfaceId)
    await this.#change()
    const problem = this.#routers.get(vpcId)?.problem
    if (problem !== undefined) throw problem
  }

  interfaceAt(linkAddress: string): HeldInterface | undefined {
    return this.#held.at(linkAddress)
  }

  loadBalancerNamespace(interfaceId: string): string {
    return interfaceNamespace(this.#options.tag, interfaceId)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer()
    this.#stopWatching()
    await this.#last
  }

  async #hold(interfaceId: string): Promise<HeldInterface> {
    const { clock } = this.#options
    const taken = await this.#hostSide.takenLinkAddresses()
    const patience = Promise.withResolvers<void>()
    const cancel = clock.after(factPatienceMs, () => patience.reject(new InterfaceUnknown(interfaceId)))
    try {
      for (;;) {
        const told = Promise.withResolvers<void>()
        const held = this.#held.hold(interfaceId, this.#view, taken)
        if (held) return held
        this.#wakes.add(told.resolve)
        await Promise.race([told.promise, patience.promise]).finally(() => this.#wakes.delete(told.resolve))
      }
    } finally {
      cancel()
      patience.promise.catch(() => {})
    }
  }

  /** Resolves when what is known by now has been tried. */
  #change(): Promise<void> {
    const { clock } = this.#options
    this.#gathered ??= new Promise<void>(resolve => clock.after(gatherMs, resolve)).then(() => {
      this.#gathered = undefined
      return this.#next(false)
    })
    return this.#gathered
  }

  #next(isVerified: boolean): Promise<void> {
    this.#last = this.#last.then(() => (this.#isStopped ? undefined : this.#reconcile(isVerified)))
    return this.#last
  }

  #verifyRegularly(): void {
    this.#cancelTimer = this.#options.clock.after(verifyMs, () => {
      void this.#next(true).then(() => {
        if (!this.#isStopped) this.#verifyRegularly()
      })
    })
  }

  /** Never rejects: what failed is kept as a problem, and tried again with the next change or verification. */
  async #reconcile(isVerified: boolean): Promise<void> {
    try {
      const taken = this.#held.needsLinkAddress(this.#view) ? await this.#hostSide.takenLinkAddresses() : []
      const gone = this.#held.refresh(this.#view, taken)
      if (isVerified) await this.#removeStrangers()
      const hostLeadsOutside = await this.#hostIpv6.leadsOutside(this.#held.all(), isVerified)
      await this.#reconcileTunnel(isVerified)
      await this.#overlayGuard.reconcile(this.#overlays(), isVerified)
      await this.#reconcileRouters(hostLeadsOutside, isVerified)
      for (const { fact } of gone) await this.#namespaces.remove(this.loadBalancerNamespace(fact.interfaceId))
      await this.#hostSide.reconcile(this.#held.all(), isVerified)
      await this.#hostIpv6.reconcile(this.#held.all(), isVerified)
      this.#hostProblem = undefined
    } catch (error) {
      this.#hostProblem = error
      this.#options.log.warn({ error: String(error) }, 'cannot make the networks of this host')
    }
  }

  /** Without it, what is on this host alone goes on. */
  async #reconcileTunnel(isVerified: boolean): Promise<void> {
    const { wireGuard, underlay, log } = this.#options
    const apart = hostsApart(this.#view, underlay)
    if (apart.join() !== this.#hostsApart.join() && apart.length > 0)
      log.warn(
        { hosts: apart },
        'other hosts of VPCs are not reached: only one of the two speaks WireGuard, both are behind NATs, or one tells of no address',
      )
    this.#hostsApart = apart
    try {
      await wireGuard?.reconcile(wireGuardPeers(this.#view, underlay), isVerified)
    } catch (error) {
      log.warn({ error: String(error) }, 'cannot speak WireGuard with other hosts')
    }
  }

  /** Of the VPCs that something on this host is in. */
  #overlays(): readonly GuardedOverlay[] {
    return [...this.#held.byVpc().values()].flatMap(([one]) =>
      one === undefined
        ? []
        : {
            number: one.vpc.number,
            underlays: otherUnderlays(one.vpc.vpcId, this.#view, this.#options.underlay),
          },
    )
  }

  async #reconcileRouters(hostLeadsOutside: boolean, isVerified: boolean): Promise<void> {
    const byVpc = this.#held.byVpc()
    for (const held of byVpc.values()) {
      const [one] = held
      const { vpc } = one ?? {}
      const { reachesInstanceMetadata } = this.#options
      const around = { view: this.#view, hostLeadsOutside, reachesInstanceMetadata }
      if (vpc) await this.#reconcileRouter({ vpc, held, ...around }, isVerified)
    }
    for (const [vpcId, { router }] of this.#routers) {
      if (byVpc.has(vpcId)) continue
      await router.remove()
      this.#routers.delete(vpcId)
    }
  }

  async #reconcileRouter(state: RouterState, isVerified: boolean): Promise<void> {
    const { log } = this.#options
    const { vpcId } = state.vpc
    const known = this.#routers.get(vpcId) ?? {
      router: new Router({ ...this.#options, namespaceOf: held => this.#namespaceOf(held) }, vpcId),
      made: undefined,
      problem: undefined,
    }
    this.#routers.set(vpcId, known)
    try {
      if (isVerified && known.made !== undefined && !(await known.router.verify())) {
        known.made = undefined
        log.warn({ vpcId }, 'the network of a VPC was changed from outside; mending it')
      }
      if (areSame(known.made, state)) return
      await known.router.reconcile(state)
      known.made = known.router.problems.size === 0 ? state : undefined
      known.problem = undefined
    } catch (error) {
      known.made = undefined
      known.problem = error
      log.warn({ vpcId, error: String(error) }, 'cannot make the network of a VPC')
    }
  }

  #doubt(vpcId: string): void {
    const known = this.#routers.get(vpcId)
    if (known) known.made = undefined
  }

  async #namespaceOf({ fact }: HeldInterface): Promise<string | undefined> {
    if (fact.holder.kind === 'task') return this.#options.taskNamespace(fact.holder.taskArn)
    const name = this.loadBalancerNamespace(fact.interfaceId)
    await this.#namespaces.add(name)
    return namespacePath(name)
  }

  /** What an earlier life made for what has gone meanwhile, and what this one could not take away. */
  async #removeStrangers(): Promise<void> {
    const { tag, log } = this.#options
    const wanted = new Set(
      this.#held
        .all()
        .flatMap(({ fact }) => [routerNamespace(tag, fact.vpcId), interfaceNamespace(tag, fact.interfaceId)]),
    )
    try {
      for (const name of await this.#namespaces.list(namespacePrefix(tag)))
        if (!wanted.has(name)) await this.#namespaces.remove(name)
    } catch (error) {
      log.warn({ error: String(error) }, 'cannot remove what is left of earlier networks')
    }
  }
}

export const startVpcNetworks = async (options: VpcNetworksOptions): Promise<VpcNetworks> => {
  const networks = new HostNetworks(options)
  await networks.start()
  return networks
}
