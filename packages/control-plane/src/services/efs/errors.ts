/** The refusals of EFS: each says its code once more as a member. (AWS: Amazon EFS API reference) */
import { AwsError } from '@berth/aws-api'
import type { PageRules } from '../row-page.ts'

export const efsError = (
  code: string,
  message: string,
  members: Readonly<Record<string, string>> = {},
): AwsError => new AwsError(code, message, { members: { ErrorCode: code, ...members } })

export const badRequest = (message: string): AwsError => efsError('BadRequest', message)
export const fileSystemNotFound = (id: string): AwsError =>
  efsError('FileSystemNotFound', `File system '${id}' does not exist.`)
export const mountTargetNotFound = (id: string): AwsError =>
  efsError('MountTargetNotFound', `Mount target '${id}' does not exist.`)
export const accessPointNotFound = (id: string): AwsError =>
  efsError('AccessPointNotFound', `Access point '${id}' does not exist.`)

/** AWS shows 100 at most unless told otherwise, and never more than 1,000. */
export const pageRules: PageRules = {
  most: 1_000,
  invalidSize: () => badRequest('The size of a page must be from 1 to 1000.'),
  invalidToken: () => badRequest('The token is not valid, or is of another list.'),
}
export const usualPage = 100
