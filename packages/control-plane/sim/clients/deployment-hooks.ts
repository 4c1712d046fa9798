/** Life-cycle hooks of deployments: what callers ask for, and how they answer the pauses. */
import type {
  DeploymentLifecycleHook,
  DeploymentLifecycleHookStage,
  DescribeServiceDeploymentsResponse,
} from '@aws-sdk/client-ecs'
import { checkFunction, migrateFunction } from '../outside/functions.ts'
import type { Random } from '../random.ts'
import type { Caller } from './caller.ts'
import { deploymentUnderWay, stopDeployment } from './deployment-stop.ts'

type Stages = readonly DeploymentLifecycleHookStage[]

const pauseStages: Stages = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
]

const trafficStages: Stages = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']

/** A rolling update has no others. */
const rollingStages: Stages = ['PRE_SCALE_UP', 'POST_SCALE_UP']

/** For deployments with two revisions side by side. */
export const hooksOfStrategies = (random: Random): DeploymentLifecycleHook[] =>
  hooksAt(random, pauseStages, [random.pick(trafficStages)])

export const hooksOfRollingUpdates = (random: Random): DeploymentLifecycleHook[] =>
  hooksAt(random, rollingStages, [])

const hooksAt = (random: Random, stages: Stages, alsoCalled: Stages): DeploymentLifecycleHook[] => {
  const timeoutConfiguration = {
    timeoutInMinutes: 1,
    action: random.pick(['CONTINUE', 'ROLLBACK'] as const),
  }
  const pause = {
    targetType: 'PAUSE' as const,
    lifecycleStages: [random.pick(stages)],
    timeoutConfiguration,
  }
  const called = { hookTargetArn: checkFunction, lifecycleStages: [random.pick(stages), ...alsoCalled] }
  const run = { hookTargetArn: migrateFunction, lifecycleStages: [random.pick(stages)] }
  return [pause, called, run].filter(() => random.chance(0.4))
}

/** Answers the pauses of one service: with CONTINUE mostly, and sometimes never. */
export class PauseAnswers {
  readonly #caller: Caller
  readonly #service: string
  /** Pauses that are left to their time-out. */
  readonly #left = new Set<string>()

  constructor(caller: Caller, service: string) {
    this.#caller = caller
    this.#service = service
  }

  async answer(): Promise<void> {
    const { client } = this.#caller
    const serviceDeploymentArn = await deploymentUnderWay(this.#caller, this.#service)
    if (serviceDeploymentArn === undefined) return
    const shown = await client.call('DescribeServiceDeployments', {
      serviceDeploymentArns: [serviceDeploymentArn],
    })
    if (shown.kind !== 'done') return
    const [found] = (shown.output as DescribeServiceDeploymentsResponse).serviceDeployments ?? []
    const stage = `${serviceDeploymentArn} ${found?.lifecycleStage}`
    for (const { hookId = '', status } of found?.lifecycleHookDetails ?? [])
      if (status === 'AWAITING_ACTION' && !this.#left.has(hookId))
        await this.#answerOne(serviceDeploymentArn, hookId, stage)
  }

  async #answerOne(serviceDeploymentArn: string, hookId: string, stage: string): Promise<void> {
    const { client, known, world } = this.#caller
    const go = ['CONTINUE', 'CONTINUE', 'CONTINUE', 'CONTINUE'] as const
    const action = world.random.pick([...go, 'ROLLBACK', 'stop', 'never'] as const)
    if (action === 'never') this.#left.add(hookId)
    else if (action === 'stop') await stopDeployment(this.#caller, this.#service, ['ROLLBACK'])
    else {
      if (action === 'CONTINUE') {
        known.continued.add(hookId)
        known.continuedStages.add(stage)
      }
      await client.call('ContinueServiceDeployment', { serviceDeploymentArn, hookId, action })
    }
  }
}
