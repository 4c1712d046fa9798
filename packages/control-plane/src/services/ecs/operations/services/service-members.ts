/** Checks of single members. Each throws InvalidParameterException. */
import { invalidParameter } from '../../errors.ts'

export const checkServiceName = (name: string | undefined): void => {
  if (!name || !/^[a-zA-Z0-9\-_]{1,255}$/.test(name))
    throw invalidParameter(
      'Invalid service name. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.',
    )
}

/** REPLICA services must have one. */
export const checkDesiredCount = (desiredCount: number | undefined): number => {
  if (desiredCount === undefined) throw invalidParameter('desiredCount is required for REPLICA services.')
  if (!Number.isInteger(desiredCount) || desiredCount < 0)
    throw invalidParameter('desiredCount must be 0 or more.')
  return desiredCount
}

const longestGracePeriod = 2_147_483_647

export const checkGracePeriod = (seconds: number | undefined): number | undefined => {
  if (seconds !== undefined && (seconds < 0 || seconds > longestGracePeriod))
    throw invalidParameter(`healthCheckGracePeriodSeconds must be between 0 and ${longestGracePeriod}.`)
  return seconds
}
