/** What watches the applications: alarms that go off and are over again, and the servers' word of them. */
import { alarmStateId, alarmStates } from '../../src/services/ecs/tables/index.ts'
import { type Leading, type SimServer, scope } from '../servers/sim-server.ts'
import type { World } from '../world.ts'

export const alarmNames = ['errors', 'latency'] as const

type State = 'OK' | 'ALARM'

/** A time in which an alarm was off. All times are true ones. */
export interface Outcry {
  readonly since: number
  /** When a leader had it on disk; undefined while none has. */
  toldAt: number | undefined
  /** Undefined as long as it lasts. */
  until: number | undefined
}

const arnInScope = `arn:aws:cloudwatch:${scope.region}:${scope.accountId}:alarm:any`

export class Alarms {
  /** By name, the oldest first. */
  readonly outcries: ReadonlyMap<string, Outcry[]> = new Map(alarmNames.map(name => [name, []]))
  readonly #world: World
  readonly #servers: readonly SimServer[]
  #isQuiet = false

  constructor(world: World, servers: readonly SimServer[]) {
    this.#world = world
    this.#servers = servers
  }

  /** Alarms go off now and then, until `heal`. */
  start(): void {
    for (const name of alarmNames) void this.#ring(name)
    void this.#tell()
  }

  heal(): void {
    this.#isQuiet = true
    for (const name of alarmNames) this.#calm(name)
  }

  async #ring(name: string): Promise<void> {
    const { random } = this.#world
    for (;;) {
      await this.#world.sleep(random.integer(2_000, 30_000))
      if (this.#isQuiet) return
      this.#world.trace('alarms', `${name} goes off`)
      this.outcries.get(name)?.push({ since: this.#world.now, toldAt: undefined, until: undefined })
      await this.#world.sleep(random.integer(1_000, 40_000))
      this.#calm(name)
    }
  }

  #calm(name: string): void {
    const last = this.outcries.get(name)?.at(-1)
    if (last === undefined || last.until !== undefined) return
    this.#world.trace('alarms', `${name} is over`)
    last.until = this.#world.now
  }

  /** Whoever leads is told again and again: a server may die with what it heard. */
  async #tell(): Promise<void> {
    for (;;) {
      await this.#world.sleep(this.#world.random.integer(200, 1_500))
      for (const { leading, process } of this.#servers)
        if (leading !== undefined && process.pausedFor === 0)
          await Promise.race([this.#tellOne(leading), process.ended])
    }
  }

  async #tellOne(leading: Leading): Promise<void> {
    const rung = alarmNames.map(name => this.outcries.get(name)?.findLast(({ until }) => until === undefined))
    for (const [index, name] of alarmNames.entries())
      write(leading, name, rung[index] === undefined ? 'OK' : 'ALARM')
    try {
      await leading.store.durable()
    } catch {
      // Its journal has failed: the next leader will be told.
      return
    }
    for (const outcry of rung) if (outcry) outcry.toldAt ??= this.#world.now
  }
}

const write = ({ store, now }: Leading, name: string, state: State): void => {
  const id = alarmStateId(arnInScope, name)
  if (store.get(alarmStates, id)?.state === state) return
  store.update(tx => tx.put(alarmStates, { id, name, state, stateChangedAt: now() }))
}
