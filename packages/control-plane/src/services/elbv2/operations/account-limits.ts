import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { operation } from '../../service.ts'
import { accountLimits } from '../limits.ts'
import { pageOf } from '../pages.ts'

export const describeAccountLimits = operation<DescribeAccountLimitsInput, DescribeAccountLimitsOutput>({
  name: 'DescribeAccountLimits',
  effect: 'reads',
  resources: () => ['*'],
  handle: input => {
    const all = Object.entries(accountLimits).map(([id, most]) => ({ id, most }))
    const { items, ...next } = pageOf('Limits', input, all)
    return { Limits: items.map(({ id, most }) => ({ Name: id, Max: String(most) })), ...next }
  },
})
