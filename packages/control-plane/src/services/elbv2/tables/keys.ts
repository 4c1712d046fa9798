import { scopeKey, scopeOfArn } from '@berth/model'

/** The account and region of an ARN, as an index key. */
export const scopeKeyOf = (arn: string): string => scopeKey(scopeOfArn(arn))

/** A name, or an id of another service, within the account and region of an ARN, as an index key. */
export const besideKey = (arn: string, name: string): string => `${scopeKeyOf(arn)}|${name}`
