import { callOver } from '../network/call.ts'
import type { Network } from '../network/network.ts'
import { type Outcome, root, type SimServer } from '../servers/sim-server.ts'
import type { World } from '../world.ts'

/**
 * Calls that may come between a plan and its application. Those that take room may not: a plan is applied in the turn
 * that made it, and the applier does not look at room again.
 */
const racing: ReadonlySet<string> = new Set([
  'CreateService',
  'DeleteService',
  'DeregisterContainerInstance',
  'StopServiceDeployment',
  'StopTask',
  'UpdateContainerInstancesState',
  'UpdateService',
  'UpdateTaskProtection',
])

/** A caller of the API, who asks another server when one cannot be reached. */
export class Client {
  readonly #world: World
  readonly #network: Network
  readonly #servers: readonly SimServer[]
  readonly #answered: (epoch: number, begunAt: number) => void

  constructor(
    world: World,
    network: Network,
    servers: readonly SimServer[],
    answered: (epoch: number, begunAt: number) => void,
  ) {
    this.#world = world
    this.#network = network
    this.#servers = servers
    this.#answered = answered
  }

  /** Until it is done: for what the rest of a run stands on. */
  async certainly(name: string, input: object): Promise<unknown> {
    for (;;) {
      const outcome = await this.call(name, input)
      if (outcome.kind === 'done') return outcome.output
      await this.#world.sleep(200)
    }
  }

  /** Sends the call once that a server takes it; what then became of it may stay unknown. */
  async call(name: string, input: object): Promise<Outcome> {
    const { random } = this.#world
    for (;;) {
      const begunAt = this.#world.now
      const call = {
        name,
        input: structuredClone(input),
        identity: root,
        races: racing.has(name) && random.chance(0.6),
      }
      const outcome = await callOver(this.#world, this.#network, 'client', random.pick(this.#servers), call)
      if (outcome.kind === 'unreachable') {
        await this.#world.sleep(random.integer(50, 400))
        continue
      }
      const said = outcome.kind === 'refused' ? `refused: ${outcome.error.message}` : outcome.kind
      this.#world.trace('client', `${name} ${JSON.stringify(input)} ${said}`)
      if (outcome.kind === 'done') this.#answered(outcome.epoch, begunAt)
      return outcome
    }
  }
}
