/** Somebody whose service has its new revision stand beside the old one, and who answers what its deployments pause for. */
import type { DeploymentLifecycleHook, DescribeServiceDeploymentsResponse } from '@aws-sdk/client-ecs'
import { balancersOf } from '../outside/balancer.ts'
import { checkFunction, migrateFunction } from '../outside/functions.ts'
import { serviceKey } from './acknowledged.ts'
import type { Caller } from './caller.ts'
import { deploymentUnderWay, stopDeployment } from './deployment-stop.ts'

export const strategyService = 'strategy'

const stages = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const

export class StrategyCaller {
  readonly #caller: Caller
  readonly #key: string
  /** Pauses that are left to their time-out. */
  readonly #left = new Set<string>()
  #configuration: object | undefined

  constructor(caller: Caller) {
    this.#caller = caller
    this.#key = serviceKey(caller.cluster, strategyService)
  }

  async change(): Promise<void> {
    const { world, size } = this.#caller
    const { random } = world
    if (this.#configuration === undefined) {
      await this.#create()
      return
    }
    await world.sleep(random.integer(0, 15 * size.pauseMs))
    const deed = random.pick(['deploy', 'deploy', 'deploy', 'scale', 'stop'] as const)
    if (deed === 'deploy') await this.#deploy()
    else if (deed === 'scale') await this.#scale()
    else if (size.stops) await stopDeployment(this.#caller, strategyService, ['ROLLBACK'])
  }

  /** Answers pauses: with CONTINUE mostly, and sometimes never. */
  async answer(): Promise<void> {
    const { client, known, world } = this.#caller
    if (this.#configuration === undefined) return
    const serviceDeploymentArn = await deploymentUnderWay(this.#caller, strategyService)
    if (serviceDeploymentArn === undefined) return
    const shown = await client.call('DescribeServiceDeployments', {
      serviceDeploymentArns: [serviceDeploymentArn],
    })
    if (shown.kind !== 'done') return
    const [found] = (shown.output as DescribeServiceDeploymentsResponse).serviceDeployments ?? []
    for (const { hookId = '', status } of found?.lifecycleHookDetails ?? []) {
      if (status !== 'AWAITING_ACTION' || this.#left.has(hookId)) continue
      const action = world.random.pick([
        'CONTINUE',
        'CONTINUE',
        'CONTINUE',
        'CONTINUE',
        'ROLLBACK',
        'stop',
        'never',
      ])
      if (action === 'never') this.#left.add(hookId)
      else if (action === 'stop') await stopDeployment(this.#caller, strategyService, ['ROLLBACK'])
      else {
        if (action === 'CONTINUE') {
          known.continued.add(hookId)
          known.continuedStages.add(`${serviceDeploymentArn} ${found?.lifecycleStage}`)
        }
        await client.call('ContinueServiceDeployment', { serviceDeploymentArn, hookId, action })
      }
    }
  }

  async #create(): Promise<void> {
    const { client, cluster, definitions, known, size, world } = this.#caller
    const { random } = world
    const isDirected = random.chance(0.75)
    const strategy = isDirected ? random.pick(['BLUE_GREEN', 'LINEAR', 'CANARY']) : 'BLUE_GREEN'
    const deploymentConfiguration = {
      strategy,
      bakeTimeInMinutes: random.chance(0.2) ? 1 : 0,
      ...(strategy === 'LINEAR' && {
        linearConfiguration: { stepPercent: random.pick([33.3, 50, 100]), stepBakeTimeInMinutes: 0 },
      }),
      ...(strategy === 'CANARY' && {
        canaryConfiguration: { canaryPercent: random.pick([5, 12.5]), canaryBakeTimeInMinutes: 0 },
      }),
      deploymentCircuitBreaker: { enable: random.chance(0.5), rollback: true },
      lifecycleHooks: this.#hooks(),
    }
    const desiredCount = random.integer(1, size.mostTasks)
    // Hooks, stops and failing tasks make its deployments fail; when they may is for the checker of strategies.
    known.stoppedServices.add(this.#key)
    await known.strategies.promise(this.#key, desiredCount, 0, async () => {
      const input = { cluster, serviceName: strategyService, taskDefinition: definitions.daemons[0] }
      const output = await client.certainly('CreateService', {
        ...input,
        desiredCount,
        deploymentConfiguration,
        ...(isDirected ? { loadBalancers: balancersOf(random.chance(0.5)) } : {}),
        clientToken: `${cluster}-strategy`,
      })
      return { kind: 'done', output }
    })
    this.#configuration = deploymentConfiguration
  }

  async #deploy(): Promise<void> {
    const { client, cluster, definitions, world } = this.#caller
    const { random } = world
    const taskDefinition = random.pick(definitions.standing)
    const lifecycleHooks = random.chance(0.3) ? { lifecycleHooks: this.#hooks() } : {}
    await client.call('UpdateService', {
      cluster,
      service: strategyService,
      taskDefinition,
      forceNewDeployment: true,
      deploymentConfiguration: { ...this.#configuration, ...lifecycleHooks },
    })
  }

  async #scale(): Promise<void> {
    const { client, cluster, known, size, world } = this.#caller
    const desiredCount = world.random.integer(1, size.mostTasks)
    const before = known.strategies.latest(this.#key) ?? 0
    await known.strategies.promise(this.#key, desiredCount, before, () =>
      client.call('UpdateService', { cluster, service: strategyService, desiredCount }),
    )
  }

  #hooks(): DeploymentLifecycleHook[] {
    const { random } = this.#caller.world
    const timeoutConfiguration = {
      timeoutInMinutes: 1,
      action: random.pick(['CONTINUE', 'ROLLBACK'] as const),
    }
    const pause = {
      targetType: 'PAUSE' as const,
      lifecycleStages: [random.pick(stages)],
      timeoutConfiguration,
    }
    const traffic = random.pick(['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'] as const)
    const called = { hookTargetArn: checkFunction, lifecycleStages: [random.pick(stages), traffic] }
    const run = { hookTargetArn: migrateFunction, lifecycleStages: [random.pick(stages)] }
    return [pause, called, run].filter(() => random.chance(0.4))
  }
}
