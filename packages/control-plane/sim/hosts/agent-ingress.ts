/** What a simulated agent does for load balancers: it keeps what it is told of them, asks their targets, and says what it found. */
import type { BerthFacts, BerthTargetHealth, IngressFact, TargetFact } from '@berth/model'
import type { World } from '../world.ts'
import type { Disk } from './disk.ts'

type Report = BerthTargetHealth['targets'][number]

/** So many checks in a row fail before a target is unhealthy. */
const MOST_FAILURES = 2
const MOST_DRAINING_MS = 6_000

export interface AgentIngressOptions {
  readonly world: World
  readonly disk: Disk
  readonly answers: (address: string, port: number) => boolean
  readonly send: (message: BerthTargetHealth) => void
}

interface Target {
  state: Report['state']
  failures: number
  /** When its last connection ends. */
  drainedAt: number | undefined
  told: Report['state'] | undefined
}

export class AgentIngress {
  readonly #options: AgentIngressOptions
  /** By key: as the proxy of this life of the agent found them. */
  readonly #targets = new Map<string, Target>()
  /** What a whole that is under way has named. */
  #named = new Set<string>()
  #isTold = false

  constructor(options: AgentIngressOptions) {
    this.#options = options
  }

  /** A session has begun: everything is said again. */
  begin(): void {
    this.#isTold = false
  }

  take({ isWhole, goesOn, hasMore, facts, gone }: BerthFacts<'ingress'>): void {
    const { ingress } = this.#options.disk
    if (isWhole && goesOn !== true) this.#named = new Set()
    for (const fact of facts) {
      ingress.set(fact.key, fact)
      this.#named.add(fact.key)
    }
    for (const key of gone) ingress.delete(key)
    if (isWhole && hasMore !== true)
      for (const key of [...ingress.keys()]) if (!this.#named.has(key)) ingress.delete(key)
  }

  /** Asks every target once, and says what is new; called again and again while there is a session. */
  look(): void {
    const facts = [...this.#options.disk.ingress.values()].filter(isTarget)
    for (const key of [...this.#targets.keys()])
      if (!this.#options.disk.ingress.has(key)) this.#targets.delete(key)
    const reports = facts.flatMap(fact => {
      const target = this.#ask(fact)
      if (this.#isTold && target.told === target.state) return []
      target.told = target.state
      return [reportOf(fact, target.state)]
    })
    if (reports.length > 0) this.#options.send({ isWhole: !this.#isTold, targets: reports })
    this.#isTold = true
  }

  #ask(fact: TargetFact): Target {
    const { world, answers } = this.#options
    const known = this.#targets.get(fact.key)
    const target: Target = known ?? { state: 'initial', failures: 0, drainedAt: undefined, told: undefined }
    this.#targets.set(fact.key, target)
    if (fact.isDraining) {
      target.drainedAt ??= world.now + world.random.integer(0, MOST_DRAINING_MS)
      target.state = world.now < target.drainedAt ? 'draining' : 'drained'
      return target
    }
    target.drainedAt = undefined
    target.failures = answers(fact.address, fact.port) ? 0 : target.failures + 1
    if (target.failures === 0) target.state = 'healthy'
    else if (target.failures >= MOST_FAILURES) target.state = 'unhealthy'
    return target
  }
}

const isTarget = (fact: IngressFact): fact is TargetFact => fact.kind === 'target'

const reportOf = ({ targetGroupArn, targetId, port }: TargetFact, state: Report['state']): Report => ({
  targetGroupArn,
  targetId,
  port,
  state,
  ...(state === 'unhealthy' && { reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }),
})
