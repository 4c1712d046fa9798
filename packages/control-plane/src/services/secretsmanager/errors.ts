import { AwsError } from '@berth/aws-api'
import type { PageRules } from '../row-page.ts'

/** The refusals of Secrets Manager, in its own words where they are known. None of them ever holds a value. */

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message)
export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message)
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message)
export const resourceExists = (message: string): AwsError => new AwsError('ResourceExistsException', message)

export const secretNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
/** `which` is `staging label: AWSPENDING` or `VersionId: …`. */
export const valueNotFound = (which: string): AwsError =>
  new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${which}`,
  )

export const invalidName = (): AwsError =>
  new AwsError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  )

export const markedForDeletion = (): AwsError =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")

/** AWS's words for a value that breaks the model's constraints; the value itself is left out. */
export const constraint = (member: string, rule: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${rule}`,
  )

/** How Secrets Manager pages its lists. */
export const pageRules: PageRules = {
  most: 100,
  invalidSize: () => constraint('maxResults', 'be between 1 and 100'),
  invalidToken: () => new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.'),
}
