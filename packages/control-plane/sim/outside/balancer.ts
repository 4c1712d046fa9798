/** A load balancer that does what shifts of traffic tell it, slowly, and sometimes only when it is told again. */
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { Performer } from '../../src/control-loop/effects.ts'
import type { TrafficRouter, TrafficShift } from '../../src/services/ecs/deployment/traffic/traffic-router.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import type { World } from '../world.ts'

type Effect = Parameters<Performer>[0]

export interface Shifted {
  /** True time. */
  readonly at: number
  readonly shift: TrafficShift
}

const testListener = 'with-test-listener'

/** What a service names that wants its traffic directed. */
export const balancersOf = (hasTest: boolean): LoadBalancer[] => [
  { targetGroupArn: hasTest ? testListener : 'production-only', containerName: 'main', containerPort: 80 },
]

export const router: TrafficRouter = {
  check: () => undefined,
  hasTestTraffic: balancers => balancers.some(({ targetGroupArn }) => targetGroupArn === testListener),
}

/** The balancer will never do this. */
class Impossible extends Error {
  readonly retryable = false
}

export class Balancer {
  /** What was done and not looked at yet, oldest first. */
  readonly shifted: Shifted[] = []
  /** The last shift of production traffic, by service. */
  readonly production = new Map<string, Shifted>()
  /** False once everything works, in the end. */
  fails = true
  readonly #world: World
  readonly #newest = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  async perform(process: ServerProcess, effect: Effect, direct: Performer): Promise<null> {
    const { random } = this.#world
    await process.sleep(random.integer(20, 1_500))
    if (this.fails && random.chance(0.01)) throw new Impossible('The listener is gone.')
    if (this.fails && random.chance(0.1)) throw new Error('The balancer is busy.')
    // Another deployment may have moved the traffic since.
    effect.signal.throwIfAborted()
    await direct(effect)
    this.#do(effect.request as TrafficShift)
    if (this.fails && random.chance(0.1)) throw new Error('The answer was lost.')
    return null
  }

  #do(shift: TrafficShift): void {
    const { serviceArn, serviceDeploymentArn, traffic, sequence, weights } = shift
    if (sequence < (this.#newest.get(serviceDeploymentArn) ?? 0)) return
    this.#newest.set(serviceDeploymentArn, sequence)
    this.#world.trace('balancer', `${traffic} ${JSON.stringify(weights)}`)
    const shifted = { at: this.#world.now, shift }
    this.shifted.push(shifted)
    if (traffic === 'production') this.production.set(serviceArn, shifted)
  }
}
