/** The one database that the servers share, with the lease that says who leads, and what goes wrong with both. */
import {
  createJournalMemory,
  createMemoryJournal,
  type JournalMemory,
} from '../../src/journals/memory-journal.ts'
import { type Group, type Journal, JournalFailure } from '../../src/store/journal.ts'
import type { TablePart } from '../../src/store/table-parts.ts'
import type { World } from '../world.ts'
import type { Fate } from './fate.ts'
import type { ServerProcess } from './server-process.ts'

/** How the storage treats those who use it; all of it ends with the safety phase. */
export interface StorageConditions {
  /** Of an append: it takes seconds. */
  slow: number
  /** Of an append: it is not written, and reported as failed. */
  failing: number
  /** Of an append: nobody knows whether it was written. */
  ambiguous: number
  /** The mean size that the journal claims for a row: the greater, the sooner the server is overloaded. */
  meanWriteBytes: number
}

const LEASE_MS = 3_000
/** A leader gives up this long before its lease ends. */
const LEASE_MARGIN_MS = 500

export class Storage {
  readonly memory: JournalMemory
  readonly conditions: StorageConditions
  readonly #world: World
  readonly #fate: Fate
  /** Servers, by name, that cannot reach the storage. */
  readonly #cut = new Set<string>()
  #lease: { readonly process: ServerProcess; until: number } | undefined

  constructor(world: World, conditions: StorageConditions, fate: Fate) {
    this.#world = world
    this.#fate = fate
    this.memory = createJournalMemory('incarnation-of-the-simulation')
    this.conditions = conditions
  }

  cut(server: string): void {
    this.#cut.add(server)
  }

  heal(): void {
    this.#cut.clear()
    Object.assign(this.conditions, { slow: 0, failing: 0, ambiguous: 0, meanWriteBytes: 0 })
  }

  restore(server: string): void {
    this.#cut.delete(server)
  }

  /** The journal as one life of a server sees it. */
  journalFor(server: string, process: ServerProcess): Journal {
    const inner = createMemoryJournal(this.memory)
    const failed = Promise.withResolvers<JournalFailure>()
    const fail = (why: string): JournalFailure => {
      const failure = new JournalFailure(why)
      failed.resolve(failure)
      return failure
    }
    return {
      failed: failed.promise,
      meanWriteBytes: this.conditions.meanWriteBytes,
      acquire: async schema => {
        await this.#waitForLease(server, process)
        this.#keepLease(server, process, fail)
        return inner.acquire(schema)
      },
      load: tables => this.#load(process, inner, tables),
      append: group => this.#append(server, process, inner, group, fail),
      confirmLead: () => {
        if (!this.#holds(process)) throw fail('The lease has ended')
      },
      readHistory: async query => {
        await process.sleep(this.#world.random.integer(0, 2))
        return inner.readHistory(query)
      },
      searchHistory: async search => {
        await process.sleep(this.#world.random.integer(0, 2))
        return inner.searchHistory(search)
      },
      sweepHistory: sweep => inner.sweepHistory(sweep),
      backup: path => inner.backup(path),
      close: () => inner.close(),
    }
  }

  async #waitForLease(server: string, process: ServerProcess): Promise<void> {
    for (;;) {
      await process.sleep(this.#world.random.integer(1, 400))
      const isHeld = this.#lease !== undefined && this.#world.now < this.#lease.until
      if (!isHeld && !this.#cut.has(server)) return
    }
  }

  /** By its clock: a leader gives up before anybody else may lead. */
  #holds(process: ServerProcess): boolean {
    const lease = this.#lease
    return lease?.process === process && this.#world.now < lease.until - LEASE_MARGIN_MS
  }

  /** Renews the lease; a leader that could not stops before anybody else may lead. */
  #keepLease(server: string, process: ServerProcess, fail: (why: string) => void): void {
    const lease = { process, until: this.#world.now + LEASE_MS }
    this.#lease = lease
    const keep = (): void => {
      if (!this.#holds(process)) {
        fail('The lease has ended')
        return
      }
      if (!this.#cut.has(server)) lease.until = this.#world.now + LEASE_MS
      process.after(LEASE_MARGIN_MS, keep)
    }
    process.after(LEASE_MARGIN_MS, keep)
  }

  async *#load(
    process: ServerProcess,
    inner: Journal,
    tables: Parameters<Journal['load']>[0],
  ): AsyncGenerator<TablePart> {
    await process.sleep(this.#world.random.integer(0, 20))
    yield* inner.load(tables)
  }

  #append(
    server: string,
    process: ServerProcess,
    inner: Journal,
    group: Group,
    fail: (why: string) => JournalFailure,
  ): Promise<void> {
    const { random } = this.#world
    const travel = (): number =>
      random.chance(this.conditions.slow)
        ? random.integer(200, random.chance(0.2) ? 9_000 : 2_500)
        : random.integer(0, 4)
    const isFailing = random.chance(this.conditions.failing)
    const isAmbiguous = random.chance(this.conditions.ambiguous)
    const isSentBeforeDeath = random.chance(0.5)
    this.#fate.pass('before a write', process)
    // What a process has left to do when it dies it does not do.
    if (!process.alive) return new Promise(() => {})
    return new Promise((resolve, reject) => {
      const arrive = (): void => {
        if (!process.alive && !isSentBeforeDeath) return
        if (this.#cut.has(server)) {
          this.#world.after(100, arrive)
          return
        }
        if (isFailing) {
          reject(fail('The disk refused a write'))
          return
        }
        this.#fate.pass('during a write', process)
        inner.append(group).then(
          () => {
            this.#fate.pass('after a write', process)
            this.#world.trace('storage', `epoch ${group.epoch} wrote ${group.from} to ${group.to}`)
            if (isAmbiguous) reject(fail('The outcome of a write is unknown'))
            else process.after(travel(), resolve)
          },
          (error: unknown) => reject(fail(String(error))),
        )
      }
      this.#world.after(travel(), arrive)
    })
  }
}
