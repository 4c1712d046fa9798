/** Has HAProxy run with what the facts want, as far as it takes it. */
import type { LoadBalancerFact, TargetGroupFact } from '@berth/model'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { haproxyFiles } from './configuration/configuration.ts'
import type { JwtKeys } from './configuration/json-web-tokens.ts'
import type { IngressPlaces } from './configuration/places.ts'
import type { IngressView } from './configuration/view.ts'
import { culpritOf } from './culprit.ts'
import { type Haproxy, HaproxyError } from './haproxy.ts'
import { HeldBack, tryRefusedAgainMs } from './held-back.ts'
import {
  fingerprintOf,
  readTakenViews,
  writeFiles,
  writeTakenViews,
  writtenFingerprint,
} from './ingress-files.ts'
import type { NamespaceOf } from './namespaces.ts'
import { writeServerState } from './server-state-file.ts'
import type { TargetSlots } from './target-slots.ts'

export interface LoaderParts {
  readonly haproxy: Haproxy
  readonly places: IngressPlaces
  readonly namespaceOf: NamespaceOf
  readonly slots: TargetSlots
  readonly keys: JwtKeys
  readonly clock: Clock
  readonly log: Log
}

export interface Loaded {
  /** `refused`: HAProxy keeps its last configuration as it is. */
  readonly outcome: 'unchanged' | 'loaded' | 'refused'
  /** What HAProxy runs with, unless it was refused. */
  readonly view: IngressView
}

type Attempt =
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'loaded'; readonly tidy: () => void }
  | { readonly culprit: string | undefined; reason: string }

export const groupsOf = (view: IngressView): TargetGroupFact[] =>
  view.loadBalancers.flatMap(({ targetGroups }) => targetGroups)

export class Loader {
  readonly #parts: LoaderParts
  readonly #heldBack: HeldBack
  /** The fingerprint of what HAProxy runs. */
  #running: string | undefined
  /** One that HAProxy does not take, whoever's fault it is. */
  #refused: { readonly fingerprint: string; readonly until: number } | undefined

  constructor(parts: LoaderParts) {
    this.#parts = parts
    this.#heldBack = new HeldBack(readTakenViews(parts.places))
  }

  get isKnown(): boolean {
    return this.#running !== undefined
  }

  /** What HAProxy runs is not certain any more. */
  doubt(): void {
    this.#running = undefined
  }

  /** Goes by what the files say that HAProxy runs with. */
  adopt(): void {
    this.#running = writtenFingerprint(this.#parts.places)
  }

  loadable(newest: IngressView): IngressView {
    return this.#heldBack.loadable(newest, this.#parts.clock.now())
  }

  /** Those that HAProxy may have: of the newest, and of what it goes on with. */
  knownGroups(newest: IngressView): readonly TargetGroupFact[] {
    return groupsOf({
      ...newest,
      loadBalancers: [...newest.loadBalancers, ...this.#heldBack.taken()],
    })
  }

  isRetryDue(): boolean {
    const now = this.#parts.clock.now()
    return this.#heldBack.isRetryDue(now) || (this.#refused !== undefined && now >= this.#refused.until)
  }

  /** By ARN of a load balancer: why HAProxy does not run with its newest configuration. */
  refusals(): ReadonlyMap<string, string> {
    return this.#heldBack.reasons()
  }

  /**
   * Starts HAProxy, or has it load its configuration when that is another one than it runs. A load balancer whose part HAProxy
   * refuses goes on as it was before; the others get their newest. `namespaces`: which ones HAProxy opens, as text.
   */
  async load(newest: IngressView, worker: number | undefined, namespaces: string): Promise<Loaded> {
    for (;;) {
      const view = this.loadable(newest)
      const attempt = await this.#try(view, worker, namespaces)
      if ('outcome' in attempt) {
        this.#heldBack.took(newest, view)
        writeTakenViews(this.#parts.places, this.#heldBack.lasting())
        // What is held back goes on with files of which the facts tell no longer.
        if (attempt.outcome === 'loaded' && this.#heldBack.reasons().size === 0) attempt.tidy()
        return { outcome: attempt.outcome, view }
      }
      if (!this.#holdBack(newest, view, attempt.culprit, attempt.reason)) return { outcome: 'refused', view }
    }
  }

  /** Returns whether HAProxy can be given another configuration than it has just refused. */
  #holdBack(newest: IngressView, tried: IngressView, culprit: string | undefined, reason: string): boolean {
    const { clock, log } = this.#parts
    const isCulprit = ({ loadBalancer }: { readonly loadBalancer: LoadBalancerFact }) =>
      loadBalancer.arn === culprit
    const own = newest.loadBalancers.find(isCulprit)
    if (own === undefined || !tried.loadBalancers.some(isCulprit)) return false
    if (this.#heldBack.refuse(own, reason, clock.now()))
      log.error(
        { loadBalancer: culprit, reason },
        'HAProxy does not take the configuration of a load balancer',
      )
    return this.loadable(newest).loadBalancers.length > 0
  }

  async #try(view: IngressView, worker: number | undefined, namespaces: string): Promise<Attempt> {
    const { haproxy, places, namespaceOf, keys, slots, clock, log } = this.#parts
    const surroundings = {
      places,
      namespace: (loadBalancer: LoadBalancerFact) => namespaceOf(loadBalancer)?.name,
      keys,
    }
    const structure = haproxyFiles(view, {
      ...surroundings,
      slots: arn => slots.of(arn).map(({ name, isInVpc }) => ({ name, isInVpc })),
    })
    const fingerprint = fingerprintOf([
      structure.configuration,
      JSON.stringify([...structure.others]),
      namespaces,
    ])
    if (worker !== undefined && fingerprint === this.#running) return { outcome: 'unchanged' }
    const isRefused = fingerprint === this.#refused?.fingerprint
    if (isRefused && clock.now() < (this.#refused?.until ?? 0)) return { culprit: undefined, reason: '' }
    const files = haproxyFiles(view, { ...surroundings, slots: arn => slots.of(arn) })
    await writeServerState(places, haproxy, worker, groupsOf(view), slots)
    const written = writeFiles(places, files, fingerprint)
    try {
      await haproxy.check(places.configuration)
      await (worker === undefined ? haproxy.start() : haproxy.reload())
    } catch (error) {
      written.takeBack()
      if (!(error instanceof HaproxyError)) throw error
      const culprit = culpritOf(error.message, files.configuration, view)
      if (culprit === undefined) {
        this.#refused = { fingerprint, until: clock.now() + tryRefusedAgainMs }
        if (!isRefused) log.error({ reason: error.message }, 'HAProxy keeps its last configuration')
      }
      return { culprit, reason: error.message }
    }
    this.#running = fingerprint
    this.#refused = undefined
    log.info({ loadBalancers: view.loadBalancers.length }, 'HAProxy runs with a new configuration')
    return { outcome: 'loaded', tidy: written.tidy }
  }
}
