import { parseArn, scopeKey } from '@berth/model'

/** The account and region that an ARN names, as an index key. */
export const scopeKeyOf = (arn: string): string | undefined => {
  const parsed = parseArn(arn)
  return parsed && scopeKey(parsed)
}
