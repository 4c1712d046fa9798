/** Which load balancers go on with what HAProxy took of them last, as it does not take the newest. */
import type { ListenerFact } from '@berth/model'
import type { IngressView, LoadBalancerView } from './configuration/view.ts'

/** A port that somebody else has may be free later: what was refused is tried again. */
export const tryRefusedAgainMs = 30_000

interface Refusal {
  /** What was refused, as text. */
  readonly version: string
  readonly until: number
  /** HAProxy's own words. */
  readonly reason: string
  /** What was taken before is refused now, too, or nothing was: it is left out. */
  readonly isLeftOut: boolean
}

const arnOf = ({ loadBalancer }: LoadBalancerView): string => loadBalancer.arn

/** Without listeners whose trust store nobody tells of any more: by its lists nobody would be refused. */
const verifiable = (
  view: LoadBalancerView | undefined,
  { trustStores }: IngressView,
): LoadBalancerView | undefined => {
  const isVerifiable = ({ mutualAuthentication }: ListenerFact): boolean =>
    mutualAuthentication?.mode !== 'verify' ||
    trustStores.some(({ arn }) => arn === mutualAuthentication.trustStoreArn)
  if (view === undefined || view.listeners.every(isVerifiable)) return view
  return { ...view, listeners: view.listeners.filter(isVerifiable) }
}

export class HeldBack {
  /** By ARN: as HAProxy took it last. */
  readonly #taken: Map<string, LoadBalancerView>
  readonly #refusals = new Map<string, Refusal>()

  /** `taken`: in an earlier life of the agent. */
  constructor(taken: readonly LoadBalancerView[]) {
    this.#taken = new Map(taken.map(view => [arnOf(view), view]))
  }

  /** What HAProxy may be given at `now`, in epoch milliseconds: the newest of each load balancer that it has not refused. */
  loadable(newest: IngressView, now: number): IngressView {
    if (this.#refusals.size === 0) return newest
    return {
      ...newest,
      loadBalancers: newest.loadBalancers.flatMap(
        view => verifiable(this.#loadable(view, now), newest) ?? [],
      ),
    }
  }

  #loadable(view: LoadBalancerView, now: number): LoadBalancerView | undefined {
    const refusal = this.#refusals.get(arnOf(view))
    if (refusal === undefined || now >= refusal.until || refusal.version !== JSON.stringify(view)) return view
    return refusal.isLeftOut ? undefined : this.#taken.get(arnOf(view))
  }

  /** HAProxy does not take what it was given of this one. Returns whether it is news that it takes no newer one. */
  refuse(newest: LoadBalancerView, reason: string, now: number): boolean {
    const arn = arnOf(newest)
    const version = JSON.stringify(newest)
    const before = this.#refusals.get(arn)
    const taken = this.#taken.get(arn)
    const wasNewest = this.#loadable(newest, now) === newest
    const isLeftOut = !wasNewest || taken === undefined || JSON.stringify(taken) === version
    this.#refusals.set(arn, { version, until: now + tryRefusedAgainMs, reason, isLeftOut })
    return before?.version !== version
  }

  /** HAProxy runs with `loaded`, which was made from `newest`. */
  took(newest: IngressView, loaded: IngressView): void {
    const isNewest = new Set(newest.loadBalancers)
    const known = new Set(newest.loadBalancers.map(arnOf))
    for (const arn of this.#taken.keys()) if (!known.has(arn)) this.#taken.delete(arn)
    for (const arn of this.#refusals.keys()) if (!known.has(arn)) this.#refusals.delete(arn)
    for (const view of loaded.loadBalancers) {
      this.#taken.set(arnOf(view), view)
      if (isNewest.has(view)) this.#refusals.delete(arnOf(view))
    }
  }

  isRetryDue(now: number): boolean {
    return [...this.#refusals.values()].some(({ until }) => now >= until)
  }

  /** By ARN: what HAProxy says against the newest. */
  reasons(): ReadonlyMap<string, string> {
    return new Map([...this.#refusals].map(([arn, { reason }]) => [arn, reason]))
  }

  /** As HAProxy took them last. */
  taken(): readonly LoadBalancerView[] {
    return [...this.#taken.values()]
  }

  /** What an agent that starts anew has to know: the others it learns from HAProxy as it takes it over. */
  lasting(): readonly LoadBalancerView[] {
    return [...this.#refusals.keys()].flatMap(arn => this.#taken.get(arn) ?? [])
  }
}
