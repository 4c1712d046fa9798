import { AwsError } from '@berth/aws-api'
import { parseArn } from '@berth/model'

/** The refusals of ACM, in its own words where they are known. None of them ever holds a key. */

export const validationFailed = (message: string): AwsError => new AwsError('ValidationException', message)
export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message)
export const invalidArn = (arn: string): AwsError =>
  new AwsError('InvalidArnException', `The ARN ${arn} is not a valid certificate ARN.`)
export const invalidTag = (message: string): AwsError => new AwsError('InvalidTagException', message)
export const tooManyTags = (): AwsError =>
  new AwsError('TooManyTagsException', 'A certificate can have at most 50 tags.')
export const invalidState = (message: string): AwsError => new AwsError('InvalidStateException', message)
export const invalidDomainValidation = (message: string): AwsError =>
  new AwsError('InvalidDomainValidationOptionsException', message)

export const inProgress = (arn: string): AwsError =>
  new AwsError('RequestInProgressException', `Certificate ${arn} has not been issued yet.`)

const inAccount = (arn: string): string => `${arn} in account ${parseArn(arn)?.accountId ?? ''}`

export const certificateNotFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Could not find certificate ${inAccount(arn)}.`)
export const certificateInUse = (arn: string): AwsError =>
  new AwsError('ResourceInUseException', `Certificate ${inAccount(arn)} is in use.`)

/** AWS's words for a value that breaks the model's constraints. */
export const constraint = (member: string, rule: string): AwsError =>
  validationFailed(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${rule}`,
  )
