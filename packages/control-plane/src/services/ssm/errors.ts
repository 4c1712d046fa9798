import { AwsError } from '@berth/aws-api'
import type { PageRules } from '../row-page.ts'

/** The refusals of Parameter Store, in its own words where they are known. None of them ever holds a value. */

export const validation = (message: string): AwsError => new AwsError('ValidationException', message)
export const parameterNotFound = (name: string): AwsError =>
  new AwsError('ParameterNotFound', `Parameter ${name} not found.`)
export const versionNotFound = (name: string, version: string): AwsError =>
  new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
  )
export const alreadyExists = (): AwsError =>
  new AwsError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  )
export const invalidFilterKey = (key: string): AwsError =>
  new AwsError('InvalidFilterKey', `The following filter key is not valid: ${key}.`)

/** AWS's words for a value that breaks the model's constraints; the value itself is left out. */
export const constraint = (member: string, rule: string): AwsError =>
  validation(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${rule}`,
  )

/** A page of a list of at most `most` items. */
export const pageRules = (most: number): PageRules => ({
  most,
  invalidSize: () => constraint('maxResults', `be between 1 and ${most}`),
  invalidToken: () => new AwsError('InvalidNextToken', 'The specified token is not valid.'),
})
