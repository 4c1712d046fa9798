/** What a deployment strategy needs and what it excludes. (AWS: DeploymentConfiguration, LinearConfiguration, CanaryConfiguration) */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'
import type { ServiceRow } from '../../tables/index.ts'

type Configuration = ServiceRow['deploymentConfiguration']

const longestMinutes = 1_440

/**
 * The configuration with the strategy's own part filled in, and without that of another one, which a service keeps from
 * before its strategy changed. Throws InvalidParameterException for what the request itself says wrong.
 */
export const withStrategy = (
  merged: Configuration,
  given: DeploymentConfiguration | undefined,
): Configuration => {
  const { linearConfiguration, canaryConfiguration, ...rest } = merged
  const { strategy = 'ROLLING' } = merged
  checkFits(given, strategy)
  if (strategy === 'LINEAR') return { ...rest, linearConfiguration: linearOf(linearConfiguration) }
  if (strategy === 'CANARY') return { ...rest, canaryConfiguration: canaryOf(canaryConfiguration) }
  return rest
}

const checkFits = (given: DeploymentConfiguration | undefined, strategy: string): void => {
  if (given?.linearConfiguration && strategy !== 'LINEAR')
    throw invalidParameter('linearConfiguration is only valid when the deployment strategy is LINEAR.')
  if (given?.canaryConfiguration && strategy !== 'CANARY')
    throw invalidParameter('canaryConfiguration is only valid when the deployment strategy is CANARY.')
}

const linearOf = (given: Configuration['linearConfiguration']): Configuration['linearConfiguration'] => {
  const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = given ?? {}
  checkPercent('stepPercent', stepPercent, 3)
  checkMinutes('stepBakeTimeInMinutes', stepBakeTimeInMinutes)
  return { stepPercent, stepBakeTimeInMinutes }
}

const canaryOf = (given: Configuration['canaryConfiguration']): Configuration['canaryConfiguration'] => {
  const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = given ?? {}
  checkPercent('canaryPercent', canaryPercent, 0.1)
  checkMinutes('canaryBakeTimeInMinutes', canaryBakeTimeInMinutes)
  return { canaryPercent, canaryBakeTimeInMinutes }
}

const checkPercent = (name: string, value: number, least: number): void => {
  const isTenths = Math.abs(value * 10 - Math.round(value * 10)) < 1e-6
  if (!(value >= least && value <= 100) || !isTenths)
    throw invalidParameter(`${name} must be a multiple of 0.1 from ${least.toFixed(1)} to 100.0.`)
}

const checkMinutes = (name: string, value: number | undefined): void => {
  if (value !== undefined && (!Number.isInteger(value) || value < 0 || value > longestMinutes))
    throw invalidParameter(`${name} must be between 0 and ${longestMinutes}.`)
}

export const checkGround = ({ strategy = 'ROLLING' }: Configuration, directsTraffic: boolean): void => {
  if (strategy === 'ROLLING' || strategy === 'BLUE_GREEN' || directsTraffic) return
  throw invalidParameter(
    `The ${strategy} deployment strategy needs a load balancer or Service Connect, which the service does not have.`,
  )
}
