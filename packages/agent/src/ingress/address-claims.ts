/**
 * Which addresses this host may have, of those that its facts give it. While the control plane speaks with it, all of them.
 * While it does not, another host may have been given one: then whoever answers for it on the network keeps it, and this host
 * lets it go, and takes it back once nobody answers any more.
 */

/** A host that has a session again has heard by then which load balancers are its own. */
const settlingMs = 3_000
/** Two that have let go of an address at once do not take it back at once. */
const mostDoubts = 5

interface Claim {
  readonly isYielded: boolean
  /** How often nobody must have answered before it is taken. */
  readonly doubts: number
}

export class AddressClaims {
  readonly #random: () => number
  readonly #claims = new Map<string, Claim>()
  #sessionSince: number | undefined

  constructor(random: () => number) {
    this.#random = random
  }

  sessionOpened(now: number): void {
    this.#sessionSince = now
  }

  sessionClosed(): void {
    this.#sessionSince = undefined
    this.#claims.clear()
  }

  /** The control plane has said which addresses are this host's. */
  isCertain(now: number): boolean {
    return this.#sessionSince !== undefined && now >= this.#sessionSince + settlingMs
  }

  /** `isHere`: the host has it already. Only for addresses for which others could answer. */
  mayHold(address: string, isHere: boolean, now: number): boolean {
    if (this.isCertain(now)) return true
    const claim = this.#claims.get(address)
    return claim === undefined ? isHere : !claim.isYielded && claim.doubts === 0
  }

  /** What the network has said. Returns whether the host has to look at the address anew. */
  heard(address: string, isAnswered: boolean): boolean {
    const before = this.#claims.get(address)
    if (isAnswered) {
      this.#claims.set(address, { isYielded: true, doubts: 0 })
      return before?.isYielded !== true
    }
    if (before === undefined) {
      this.#claims.set(address, { isYielded: false, doubts: 0 })
      return true
    }
    if (before.isYielded) {
      this.#claims.set(address, { isYielded: false, doubts: Math.floor(this.#random() * mostDoubts) + 1 })
      return false
    }
    if (before.doubts === 0) return false
    this.#claims.set(address, { isYielded: false, doubts: before.doubts - 1 })
    return before.doubts === 1
  }
}
