import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { definedMembers } from '../../defined-members.ts'
import { invalidParameter } from '../../errors.ts'
import type { ServiceRow } from '../../tables/index.ts'
import { checkRolling } from './rolling-configuration.ts'

type Configuration = ServiceRow['deploymentConfiguration']

/** (AWS: DeploymentConfiguration, for REPLICA services) */
export const replicaDefaults: Configuration = {
  deploymentCircuitBreaker: { enable: false, rollback: false },
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  strategy: 'ROLLING',
  bakeTimeInMinutes: 0,
}

/** (AWS: DeploymentConfiguration, for DAEMON services) */
export const daemonDefaults: Configuration = {
  ...replicaDefaults,
  maximumPercent: 100,
  minimumHealthyPercent: 0,
}

/** What is there, or ECS's defaults, with the members that a request gives. Throws InvalidParameterException. */
export const mergedConfiguration = (
  given: DeploymentConfiguration | undefined,
  before: Configuration = replicaDefaults,
): Configuration => {
  const merged = { ...before, ...definedMembers(given ?? {}) }
  checkPercents(merged)
  checkThreshold(merged)
  checkRolling(merged)
  return merged
}

const checkThreshold = ({ deploymentCircuitBreaker }: Configuration): void => {
  const { thresholdConfiguration } = deploymentCircuitBreaker ?? {}
  const value = thresholdConfiguration?.value
  if (value !== undefined && (!Number.isInteger(value) || value < 1))
    throw invalidParameter('The value of thresholdConfiguration must be a whole number of 1 or more.')
}

const checkPercents = ({ minimumHealthyPercent = 100, maximumPercent = 200 }: Configuration): void => {
  if (minimumHealthyPercent < 0 || minimumHealthyPercent > 100)
    throw invalidParameter('minimumHealthyPercent must be between 0 and 100.')
  if (maximumPercent < 100) throw invalidParameter('maximumPercent must be 100 or more.')
  if (minimumHealthyPercent === 100 && maximumPercent === 100)
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    )
}
