/** The outside of deployments: the load balancer, the functions and the alarms, one of each for all servers. */
import type { Performer } from '../../src/control-loop/effects.ts'
import { hookPerformer } from '../../src/lifecycle-hooks/performer.ts'
import { shiftKind } from '../../src/services/ecs/deployment/traffic/traffic-router.ts'
import { type HookCall, hookCallKind } from '../../src/services/ecs/index.ts'
import type { Fate, momentsOfEffects } from '../servers/fate.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import type { SimServer } from '../servers/sim-server.ts'
import type { World } from '../world.ts'
import { Alarms } from './alarms.ts'
import { Balancer } from './balancer.ts'
import { Functions, hookTargets } from './functions.ts'

export class Outside {
  readonly balancer: Balancer
  readonly functions: Functions
  readonly alarms: Alarms
  readonly #fate: Fate

  /** `servers` are there when the run begins. */
  constructor(world: World, servers: readonly SimServer[], fate: Fate) {
    this.#fate = fate
    this.balancer = new Balancer(world)
    this.functions = new Functions(world)
    this.alarms = new Alarms(world, servers)
  }

  heal(): void {
    this.balancer.fails = false
    this.functions.fails = false
    this.alarms.heal()
  }

  /** Those of one server: tasks of hooks are run by the real one. `direct` turns the rules of real load balancers. */
  performersOf(
    process: ServerProcess,
    direct: Performer | undefined,
    taskOptions: Parameters<typeof hookPerformer>[1],
  ): Readonly<Record<string, Performer>> {
    const runTask = hookPerformer(hookTargets, taskOptions)
    return {
      [shiftKind]: this.#mortal(process, effect =>
        this.balancer.perform(process, effect, direct ?? (async () => null)),
      ),
      [hookCallKind]: this.#mortal(process, effect => {
        const call = effect.request as HookCall
        return hookTargets.get(call.targetArn)?.kind === 'task'
          ? runTask(effect)
          : this.functions.perform(process, call)
      }),
    }
  }

  #mortal(process: ServerProcess, perform: Performer): Performer {
    return async effect => {
      await this.#pass('before an effect', process)
      const [done] = await Promise.allSettled([perform(effect), this.#pass('during an effect', process)])
      await this.#pass('after an effect', process)
      if (done.status === 'rejected') throw done.reason
      return done.value
    }
  }

  /** Never resolves in a process that has died. */
  async #pass(moment: (typeof momentsOfEffects)[number], process: ServerProcess): Promise<void> {
    this.#fate.pass(moment, process)
    if (!process.alive) await new Promise(() => {})
  }
}
