import type { DeploymentConfiguration, LoadBalancer } from '@aws-sdk/client-ecs'
import type { StrategySettings } from '../../deployment/strategies/stage-state.ts'
import { unsupportedFeature } from '../../errors.ts'
import type { ServiceRow } from '../../tables/index.ts'
import { mergedConfiguration } from './deployment-configuration.ts'
import { checkHooks, checkKeptHooks } from './lifecycle-hooks.ts'
import { checkGround, withStrategy } from './strategy-configuration.ts'

/** What of a service, as it will be, its deployments rest on. */
export interface DeploymentGround {
  readonly schedulingStrategy: string
  readonly loadBalancers: readonly LoadBalancer[]
}

/** What is there, or the defaults, with what a request gives. Throws for what does not go together. */
export const checkedConfiguration = (
  given: DeploymentConfiguration | undefined,
  before: ServiceRow['deploymentConfiguration'],
  ground: DeploymentGround,
  { hookTargets }: StrategySettings,
): ServiceRow['deploymentConfiguration'] => {
  const configuration = withStrategy(mergedConfiguration(given, before), given)
  const { strategy = 'ROLLING', lifecycleHooks = [] } = configuration
  checkGround(configuration, ground.loadBalancers.length > 0)
  if (lifecycleHooks.length > 0 && ground.schedulingStrategy === 'DAEMON')
    throw unsupportedFeature(
      'Lifecycle hooks (lifecycleHooks) of DAEMON services: not supported by Berth yet.',
    )
  if (given?.lifecycleHooks) checkHooks(given.lifecycleHooks, strategy, hookTargets)
  else checkKeptHooks(lifecycleHooks, strategy)
  return configuration
}
