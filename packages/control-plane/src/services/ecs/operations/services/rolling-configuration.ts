/**
 * What rolling deployments ask of their configuration. Each check throws InvalidParameterException.
 * (AWS: DeploymentConfiguration, DeploymentAlarms, DeploymentEarlySuccessCriteria)
 */
import type { View } from '../../../../store/view.ts'
import { invalidParameter } from '../../errors.ts'
import { alarmStateId, alarmStates, type ServiceRow } from '../../tables/index.ts'

type Configuration = ServiceRow['deploymentConfiguration']

const longestBakeMinutes = 1440

export const checkRolling = (configuration: Configuration): void => {
  const { bakeTimeInMinutes = 0, alarms } = configuration
  if (!Number.isInteger(bakeTimeInMinutes) || bakeTimeInMinutes < 0 || bakeTimeInMinutes > longestBakeMinutes)
    throw invalidParameter(`bakeTimeInMinutes must be between 0 and ${longestBakeMinutes}.`)
  if (alarms?.enable && !alarms.alarmNames?.length)
    throw invalidParameter('alarmNames cannot be empty when deployment alarms are enabled.')
  checkEarlySuccess(configuration)
}

const checkEarlySuccess = (configuration: Configuration): void => {
  const { earlySuccessCriteria: criteria, minimumHealthyPercent = 100, strategy } = configuration
  if (!criteria?.enable) return
  const { healthyPercent, sourceServiceRevisionCleanup } = criteria
  if (strategy !== undefined && strategy !== 'ROLLING')
    throw invalidParameter('earlySuccessCriteria can only be used with the ROLLING deployment strategy.')
  if (healthyPercent === undefined || sourceServiceRevisionCleanup === undefined)
    throw invalidParameter(
      'healthyPercent and sourceServiceRevisionCleanup are required when earlySuccessCriteria is enabled.',
    )
  if (!Number.isInteger(healthyPercent) || healthyPercent < minimumHealthyPercent || healthyPercent > 100)
    throw invalidParameter('healthyPercent must be between minimumHealthyPercent and 100.')
}

/** Alarms that are to be watched must be there. */
export const checkAlarmsAreThere = (view: View, serviceArn: string, { alarms }: Configuration): void => {
  if (!alarms?.enable) return
  const missing = (alarms.alarmNames ?? []).filter(
    name => view.get(alarmStates, alarmStateId(serviceArn, name)) === undefined,
  )
  if (missing.length > 0)
    throw invalidParameter(`These deployment alarms do not exist: ${missing.join(', ')}.`)
}
