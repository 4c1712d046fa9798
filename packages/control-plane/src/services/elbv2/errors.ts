/** The refusals of Elastic Load Balancing, under the codes that its clients see. (AWS: Elastic Load Balancing API, Common errors) */
import { AwsError } from '@berth/aws-api'

export const elbError = (code: string, message: string): AwsError => new AwsError(code, message)

export const validationError = (message: string): AwsError => elbError('ValidationError', message)
export const invalidConfiguration = (message: string): AwsError =>
  elbError('InvalidConfigurationRequest', message)
/** What AWS has and Berth has not. */
export const notSupported = (what: string): AwsError =>
  elbError('UnsupportedOperation', `${what} is not supported by Berth yet.`)

/** Nothing is taken and ignored: refuses members of a request that Berth does not have. */
export const refuseMembers = <I extends object>(input: I, names: readonly (keyof I & string)[]): void => {
  const given = names.find(name => input[name] !== undefined)
  if (given !== undefined) throw notSupported(given)
}

/** A number's range, which the API's model states: 1 to 65535 for ports. */
export const checkRange = (member: string, value: number | undefined, least: number, most: number): void => {
  if (value === undefined || (value >= least && value <= most)) return
  const constraint = value < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`
  throw validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value ${constraint}`,
  )
}
