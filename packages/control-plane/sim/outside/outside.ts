/** Whom deployments ask of the outside: the load balancer and the functions, one of each for all servers. */
import type { Performer } from '../../src/control-loop/effects.ts'
import { hookPerformer } from '../../src/lifecycle-hooks/performer.ts'
import { shiftKind, type TrafficShift } from '../../src/services/ecs/deployment/traffic/traffic-router.ts'
import { type HookCall, hookCallKind } from '../../src/services/ecs/index.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import type { World } from '../world.ts'
import { Balancer } from './balancer.ts'
import { Functions, hookTargets } from './functions.ts'

export class Outside {
  readonly balancer: Balancer
  readonly functions: Functions

  constructor(world: World) {
    this.balancer = new Balancer(world)
    this.functions = new Functions(world)
  }

  heal(): void {
    this.balancer.fails = false
    this.functions.fails = false
  }

  /** Those of one server: tasks of hooks are run by the real one. */
  performersOf(
    process: ServerProcess,
    taskOptions: Parameters<typeof hookPerformer>[1],
  ): Readonly<Record<string, Performer>> {
    const runTask = hookPerformer(hookTargets, taskOptions)
    return {
      [shiftKind]: ({ request }) => this.balancer.perform(process, request as TrafficShift),
      [hookCallKind]: effect => {
        const call = effect.request as HookCall
        return hookTargets.get(call.targetArn)?.kind === 'task'
          ? runTask(effect)
          : this.functions.perform(process, call)
      },
    }
  }
}
