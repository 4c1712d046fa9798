/** What stands behind the ARNs of life-cycle hooks: a function that is slow, fails, or wants to be called again; and a task. */
import type { HookCall, HookTargets } from '../../src/services/ecs/index.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import type { World } from '../world.ts'

export const checkFunction = 'arn:aws:lambda:eu-central-1:123456789012:function:check'
export const migrateFunction = 'arn:aws:lambda:eu-central-1:123456789012:function:migrate'

export const hookTargets: HookTargets = new Map([
  [checkFunction, { kind: 'url', url: 'http://check', headers: {} }],
  [migrateFunction, { kind: 'task', task: { taskDefinition: 'batch' } }],
])

export class Functions {
  /** Stages of service deployments that a function has let pass: `ARN stage`. */
  readonly passed = new Set<string>()
  /** False once everything works, in the end. */
  fails = true
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  async perform(process: ServerProcess, { event }: HookCall): Promise<object> {
    const { random } = this.#world
    await process.sleep(random.integer(20, random.chance(0.1) ? 9_000 : 2_000))
    if (this.fails && random.chance(0.1)) throw new Error('The function is not there.')
    const hookStatus = this.fails
      ? random.pick(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'IN_PROGRESS', 'FAILED'])
      : 'SUCCEEDED'
    this.#world.trace('function', `${event.lifecycleStage} of ${event.resourceArn}: ${hookStatus}`)
    if (hookStatus === 'SUCCEEDED') this.passed.add(`${event.resourceArn} ${event.lifecycleStage}`)
    if (this.fails && random.chance(0.05)) throw new Error('The answer was lost.')
    return hookStatus === 'IN_PROGRESS' ? { hookStatus, callBackDelay: random.integer(0, 5) } : { hookStatus }
  }
}
