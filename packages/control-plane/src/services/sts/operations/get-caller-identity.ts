import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import { operation } from '../../service.ts'

/** Whoever can sign may ask; root's user id is the account's own. */
export const getCallerIdentity = operation<GetCallerIdentityRequest, GetCallerIdentityResponse>({
  name: 'GetCallerIdentity',
  effect: 'reads',
  resources: () => ['*'],
  handle: (_, { identity }) => ({
    UserId: identity.userId,
    Account: identity.accountId,
    Arn: identity.arn,
  }),
})
