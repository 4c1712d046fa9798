import { AwsError } from '@berth/aws-api'

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message)
export const groupNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log group does not exist.')
export const streamNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.')
export const groupExists = (): AwsError =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists')
export const streamExists = (): AwsError =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists')

/** The answer to which senders come back later. */
export const unavailable = (message: string, cause?: unknown): AwsError =>
  new AwsError('ServiceUnavailableException', message, { statusCode: 503, fault: 'server', cause })

/** AWS's words for a value that breaks the model's constraints. */
export const constraint = (member: string, value: unknown, rule: string): AwsError =>
  invalidParameter(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  )
