/** Somebody whose service has its new revision stand beside the old one, and who deletes it now and then. */
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { alarmNames } from '../outside/alarms.ts'
import { balancersOf } from '../outside/balancer.ts'
import { serviceKey } from './acknowledged.ts'
import type { BalancedCaller } from './balanced-caller.ts'
import type { Caller } from './caller.ts'
import { hooksOfStrategies, PauseAnswers } from './deployment-hooks.ts'
import { stopDeployment } from './deployment-stop.ts'
import { FRONT_PORT } from './families.ts'

export const strategyService = 'strategy'

export class StrategyCaller {
  readonly #caller: Caller
  readonly #key: string
  readonly #answers: PauseAnswers
  #created = 0
  #configuration: object | undefined

  readonly #balanced: BalancedCaller

  /** `balanced` has the load balancer, where there is one. */
  constructor(caller: Caller, balanced: BalancedCaller) {
    this.#balanced = balanced
    this.#caller = caller
    this.#key = serviceKey(caller.cluster, strategyService)
    this.#answers = new PauseAnswers(caller, strategyService)
  }

  async change(): Promise<void> {
    const { world, size } = this.#caller
    const { random } = world
    if (this.#configuration === undefined) {
      await this.#create()
      return
    }
    await world.sleep(random.integer(0, 15 * size.pauseMs))
    const deed = random.pick(['deploy', 'deploy', 'deploy', 'scale', 'stop', 'delete'] as const)
    if (deed === 'deploy') await this.#deploy()
    else if (deed === 'scale') await this.#scale()
    else if (deed === 'delete') {
      if (random.chance(0.5)) await this.#delete()
    } else if (size.stops) await stopDeployment(this.#caller, strategyService, ['ROLLBACK'])
  }

  /** Those of load balancers have a port. */
  get #standing(): readonly string[] {
    const { definitions, size } = this.#caller
    return size.balancers ? definitions.standingFronts : definitions.standing
  }

  #balancersOf(hasTest: boolean): LoadBalancer[] {
    const { shifted } = this.#balanced
    if (shifted === undefined) return balancersOf(hasTest)
    const { targetGroupArn, testListenerRule, ...advanced } = shifted
    const roleArn = 'arn:aws:iam::123456789012:role/ecsInfrastructure'
    const advancedConfiguration = { ...advanced, ...(hasTest && { testListenerRule }), roleArn }
    return [{ targetGroupArn, advancedConfiguration, containerName: 'main', containerPort: FRONT_PORT }]
  }

  async answer(): Promise<void> {
    if (this.#configuration !== undefined) await this.#answers.answer()
  }

  async #create(): Promise<void> {
    const { client, cluster, known, size, world } = this.#caller
    const { random } = world
    const isDirected = random.chance(0.75)
    const strategy = isDirected ? random.pick(['BLUE_GREEN', 'LINEAR', 'CANARY']) : 'BLUE_GREEN'
    const deploymentConfiguration = {
      strategy,
      bakeTimeInMinutes: random.pick([0, 0, 0, 0, 1, 2]),
      ...(strategy === 'LINEAR' && {
        linearConfiguration: { stepPercent: random.pick([33.3, 50, 100]), stepBakeTimeInMinutes: 0 },
      }),
      ...(strategy === 'CANARY' && {
        canaryConfiguration: { canaryPercent: random.pick([5, 12.5]), canaryBakeTimeInMinutes: 0 },
      }),
      ...(size.guards && {
        alarms: { enable: true, rollback: random.chance(0.7), alarmNames: [random.pick(alarmNames)] },
      }),
      deploymentCircuitBreaker: { enable: random.chance(0.5), rollback: true },
      lifecycleHooks: hooksOfStrategies(random),
    }
    const desiredCount = random.integer(1, size.mostTasks)
    // Hooks, stops and failing tasks make its deployments fail; when they may is for the checker of strategies.
    known.stoppedServices.add(this.#key)
    const clientToken = `${cluster}-strategy-${++this.#created}`
    await known.strategies.promise(this.#key, desiredCount, 0, async () => {
      const input = { cluster, serviceName: strategyService, taskDefinition: this.#standing[0] }
      const output = await client.certainly('CreateService', {
        ...input,
        desiredCount,
        deploymentConfiguration,
        ...(isDirected ? { loadBalancers: this.#balancersOf(random.chance(0.5)) } : {}),
        clientToken,
      })
      return { kind: 'done', output }
    })
    this.#configuration = deploymentConfiguration
  }

  async #deploy(): Promise<void> {
    const { client, cluster, world } = this.#caller
    const { random } = world
    const taskDefinition = random.pick(this.#standing)
    const lifecycleHooks = random.chance(0.3) ? { lifecycleHooks: hooksOfStrategies(random) } : {}
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

  /** In the middle of whatever it deploys. The next one has its name. */
  async #delete(): Promise<void> {
    const { client, cluster, known } = this.#caller
    const before = known.strategies.latest(this.#key) ?? 0
    await known.strategies.promise(this.#key, 0, before, async () => {
      await client.certainly('DeleteService', { cluster, service: strategyService, force: true })
      return { kind: 'done' }
    })
    known.paused.settle(this.#key, false)
    this.#configuration = undefined
  }
}
