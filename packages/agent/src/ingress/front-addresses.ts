/**
 * Addresses of load balancers, on the host's loopback interface as long as a load balancer has them. The networks that they
 * belong to are told that they are here.
 */
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import { AddressClaims } from './address-claims.ts'
import { announce, type HostLink, isAnsweredFor, linksTo, readLinks, silentLinks } from './arp.ts'

/** The kernel answers for all of 127.0.0.0/8 by itself. */
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

/** How an agent finds again which addresses it has added. At most 15 characters. */
const labelOf = (tag: string): string => `lo:berth-${tag}`

/** What somebody took away is put back within it. */
const lookAgainMs = 10_000
/** After the address has come: what was lost on the way is said again. */
const repeatsMs = [0, 1_000, 3_000, 10_000]
/** Then: a host that had it may have answered last before it let go. */
const refreshMs = 60_000
const atOnce = 16

export interface FrontAddressParts {
  readonly run: RunCommand
  /** Tells the agents of one host apart: each takes away its own. */
  readonly tag: string
  readonly log: Log
  readonly random: () => number
}

interface Announced {
  readonly links: readonly string[]
  readonly times: number
  readonly next: number
}

export class FrontAddresses {
  readonly #parts: FrontAddressParts
  readonly #claims: AddressClaims
  #wanted: readonly string[] = []
  #isOpen = true
  #lookAt = 0
  #wasCertain = false
  /** By address: those that the host has, and that belong to one of its networks. */
  #announced = new Map<string, Announced>()
  /** Those that belong to one of its networks, with the links. */
  #contestable: ReadonlyMap<string, readonly string[]> = new Map()
  #asking: Promise<void> | undefined
  #announcing: Promise<void> | undefined
  readonly #complaints = new Set<string>()

  constructor(parts: FrontAddressParts) {
    this.#parts = parts
    this.#claims = new AddressClaims(parts.random)
  }

  sessionOpened(now: number): void {
    this.#claims.sessionOpened(now)
  }

  sessionClosed(): void {
    this.#claims.sessionClosed()
  }

  /** What is asked of the network and told to it goes on behind: it is looked at with the next call. */
  async ensure(wanted: readonly string[], now: number): Promise<void> {
    const isOther = wanted.join() !== this.#wanted.join()
    const isCertain = this.#claims.isCertain(now)
    // A host that was away says again what it has: another one may have said so meanwhile.
    if (isCertain && !this.#wasCertain) this.#announced.clear()
    if (isOther || this.#isOpen || isCertain !== this.#wasCertain || now >= this.#lookAt) {
      this.#wanted = [...wanted]
      this.#isOpen = false
      this.#lookAt = now + lookAgainMs
      await this.#apply(now).catch(error => {
        this.#isOpen = true
        throw error
      })
    }
    this.#wasCertain = isCertain
    if (!isCertain) this.#ask()
    this.#announceDue(now)
  }

  /** Until nothing goes on behind any more. */
  async stop(): Promise<void> {
    await Promise.all([this.#asking, this.#announcing])
  }

  async #apply(now: number): Promise<void> {
    const { run, tag } = this.#parts
    const label = labelOf(tag)
    const links = await readLinks(run)
    const present = new Set(links.flatMap(({ addr_info }) => addr_info.flatMap(({ local }) => local ?? [])))
    const wanted = this.#wanted.filter(address => !isLoopback(address))
    this.#contestable = new Map(
      wanted.flatMap(address => {
        const near = linksTo(links, address)
        return near.length === 0 ? [] : [[address, near] as const]
      }),
    )
    const held = wanted.filter(
      address => !this.#contestable.has(address) || this.#claims.mayHold(address, present.has(address), now),
    )
    for (const address of held) if (!present.has(address)) await this.#add(address, label)
    for (const address of addedBy(links, label))
      if (!held.includes(address)) await run('ip', ['address', 'delete', `${address}/32`, 'dev', 'lo'])
    const near = held.filter(address => this.#contestable.has(address))
    this.#announced = new Map(near.map(address => [address, this.#announcementOf(address, present, now)]))
    await this.#warnOfSilence()
  }

  async #add(address: string, label: string): Promise<void> {
    const { run } = this.#parts
    // Only IPv4 addresses have labels; an IPv6 address stays until the host starts anew.
    if (address.includes(':')) await run('ip', ['address', 'add', `${address}/128`, 'dev', 'lo', 'nodad'])
    else await run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo', 'label', label])
  }

  /** One that has just come, or that the host has on another link now, is announced from the start. */
  #announcementOf(address: string, present: ReadonlySet<string>, now: number): Announced {
    const links = this.#contestable.get(address) ?? []
    const before = this.#announced.get(address)
    const isSame = before !== undefined && present.has(address) && before.links.join() === links.join()
    return isSame ? before : { links, times: 0, next: now }
  }

  async #warnOfSilence(): Promise<void> {
    const links = [...new Set([...this.#contestable.values()].flat())]
    if (links.length === 0) return
    const silent = await silentLinks(this.#parts.run, links)
    if (silent.length > 0)
      this.#complain(
        `the kernel does not answer for addresses of load balancers on ${silent.join(', ')}: arp_ignore must be 0`,
      )
  }

  /** Asks the networks who has the addresses; what they say is heeded with the next look. */
  #ask(): void {
    if (this.#asking || this.#contestable.size === 0) return
    this.#asking = forEach([...this.#contestable], async ([address, links]) => {
      if (this.#claims.heard(address, await this.#isElsewhere(address, links))) this.#isOpen = true
    }).finally(() => {
      this.#asking = undefined
    })
  }

  /** Where the network cannot be asked, the address is this host's as its facts say. */
  async #isElsewhere(address: string, links: readonly string[]): Promise<boolean> {
    const answers = links.map(link =>
      isAnsweredFor(this.#parts.run, link, address).catch(error => {
        this.#complain(error instanceof Error ? error.message : String(error))
        return false
      }),
    )
    return (await Promise.all(answers)).includes(true)
  }

  #announceDue(now: number): void {
    if (this.#announcing) return
    const isCertain = this.#claims.isCertain(now)
    const due = [...this.#announced].filter(
      ([, { next, times }]) => now >= next && (isCertain || times < repeatsMs.length),
    )
    if (due.length === 0) return
    for (const [address, { links, times, next }] of due) {
      const [here = 0, then] = [repeatsMs[times], repeatsMs[times + 1]]
      const pause = then === undefined ? refreshMs : then - here
      this.#announced.set(address, { links, times: times + 1, next: Math.max(next, now) + pause })
    }
    const told = due.flatMap(([address, { links }]) => links.map(link => ({ address, link })))
    this.#announcing = forEach(told, ({ address, link }) => announce(this.#parts.run, link, address))
      .catch(error => this.#complain(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        this.#announcing = undefined
      })
  }

  #complain(reason: string): void {
    if (this.#complaints.has(reason)) return
    this.#complaints.add(reason)
    this.#parts.log.error({ reason }, 'the network may not find the addresses of load balancers')
  }
}

const addedBy = (links: readonly HostLink[], label: string): readonly string[] =>
  links
    .filter(({ ifname }) => ifname === 'lo')
    .flatMap(({ addr_info }) =>
      addr_info.flatMap(({ local, label: own }) => (own === label && local !== undefined ? [local] : [])),
    )

/** Some at once; all are tried, and the first failure is thrown. */
const forEach = async <T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> => {
  const left = [...items]
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift())
      await act(item).catch(error => failures.push(error))
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
}
