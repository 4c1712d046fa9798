import { parseArn, scopeKey } from '@berth/model'

/** The account and region that an ARN names, as an index key. */
export const scopeKeyOf = (arn: string): string | undefined => {
  const parsed = parseArn(arn)
  return parsed && scopeKey(parsed)
}

/** An id of EC2 within the account and region that a row's ARN names, as an index key. */
export const besideKey = (arn: string, id: string | undefined): string | undefined =>
  id === undefined ? undefined : `${scopeKeyOf(arn)}|${id}`
