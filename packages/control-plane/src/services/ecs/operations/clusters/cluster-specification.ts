/** The parts of a cluster that CreateCluster, UpdateCluster and UpdateClusterSettings share. */
import type {
  CapacityProviderStrategyItem,
  ClusterConfiguration,
  ClusterServiceConnectDefaultsRequest,
  ClusterSetting,
} from '@aws-sdk/client-ecs'
import type { Call } from '../../../service.ts'
import { effectiveSetting, settingRules } from '../../effective-settings.ts'
import { invalidParameter } from '../../errors.ts'
import type { ClusterRow } from '../../tables/index.ts'

/** The settings of a cluster; what is not said follows the caller's account setting. */
export const settingsOf = (given: readonly ClusterSetting[] | undefined, call: Call): ClusterSetting[] => {
  for (const { name, value } of given ?? []) {
    if (name !== 'containerInsights') throw invalidParameter(`Invalid cluster setting name: ${name}`)
    if (!settingRules.containerInsights.values.includes(value ?? ''))
      throw invalidParameter(`Invalid value for the cluster setting containerInsights: ${value}`)
  }
  const value =
    given?.[0]?.value ?? effectiveSetting(call.store, call.scope, call.identity.arn, 'containerInsights')
  return [{ name: 'containerInsights', value }]
}

export const checkConfiguration = (configuration: ClusterConfiguration | undefined): void => {
  const execute = configuration?.executeCommandConfiguration
  if (execute?.logging === 'OVERRIDE' && !execute.logConfiguration)
    throw invalidParameter('logConfiguration is required when logging is OVERRIDE.')
  if (execute?.logConfiguration && execute.logging !== 'OVERRIDE')
    throw invalidParameter('logging must be OVERRIDE when a logConfiguration is specified.')
}

/** An empty namespace takes the defaults away. (AWS: ClusterServiceConnectDefaultsRequest) */
export const serviceConnectDefaultsOf = (
  given: ClusterServiceConnectDefaultsRequest | undefined,
): ClusterRow['serviceConnectDefaults'] => {
  const { namespace } = given ?? {}
  if (!namespace) return undefined
  if (namespace.length > 1024 || (!namespace.startsWith('arn:') && /[<>"/]/.test(namespace)))
    throw invalidParameter(`Invalid namespace: ${namespace.slice(0, 1024)}`)
  return { namespace }
}

/** The providers that every cluster may use; Berth has no others yet. */
const builtIn = ['FARGATE', 'FARGATE_SPOT']

export const checkCapacityProviders = (
  providers: readonly string[],
  strategy: readonly CapacityProviderStrategyItem[],
): void => {
  const unknown = providers.find(provider => !builtIn.includes(provider))
  if (unknown)
    throw invalidParameter(
      `The specified capacity provider '${unknown}' was not found. Specify a valid name or ARN and try again.`,
    )
  for (const { capacityProvider, weight = 0, base = 0 } of strategy) {
    if (!providers.includes(capacityProvider ?? ''))
      throw invalidParameter(
        'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.',
      )
    if (weight < 0 || weight > 1000 || base < 0 || base > 100_000)
      throw invalidParameter('weight must be between 0 and 1000, and base between 0 and 100000.')
  }
  if (strategy.length > 20)
    throw invalidParameter('A capacity provider strategy can have at most 20 capacity providers.')
  if (strategy.length > 1 && strategy.every(item => !item.weight))
    throw invalidParameter('At least one capacity provider of a strategy must have a weight above 0.')
  if (strategy.filter(item => item.base).length > 1)
    throw invalidParameter('Only one capacity provider in a strategy can have a base.')
}
