/** Another machine with a host's identity, copied from its disk: it connects where it can, says that it lives, and does nothing. */
import type { Link } from '../network/link.ts'
import type { World } from '../world.ts'
import type { SimHost } from './host.ts'

const HEARTBEAT_MS = 2_000

export class Twin {
  readonly #world: World
  readonly #host: SimHost
  readonly #name: string
  #isOn = true
  #link: Link | undefined

  constructor(world: World, host: SimHost, number: number) {
    this.#world = world
    this.#host = host
    this.#name = `${host.name}-twin-${number}`
  }

  start(): void {
    this.#world.trace(this.#name, 'begins')
    void this.#knock()
  }

  stop(): void {
    this.#isOn = false
    this.#link?.agent.close()
  }

  async #knock(): Promise<void> {
    while (this.#isOn) {
      const { containerInstanceArn } = this.#host.disk
      const link = containerInstanceArn
        ? await this.#host.openLink(containerInstanceArn, this.#name, this.#name)
        : undefined
      if (link !== undefined) await this.#live(link)
      await this.#world.sleep(this.#world.random.integer(100, 1_500))
    }
  }

  async #live(link: Link): Promise<void> {
    this.#link = link
    const closed = Promise.withResolvers<void>()
    link.agent.onClose = () => closed.resolve()
    if (!this.#isOn) link.agent.close()
    while (this.#isOn && link.isOpenAtAgent) {
      link.agent.send('BerthHeartbeat', {})
      await Promise.race([this.#world.sleep(HEARTBEAT_MS), closed.promise])
    }
  }
}
