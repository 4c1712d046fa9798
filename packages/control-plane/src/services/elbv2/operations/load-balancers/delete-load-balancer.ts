import type { DeleteLoadBalancerInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { scopeOfArn } from '@berth/model'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { resourceTypeOf } from '../../arns.ts'
import { loadBalancerAttributes } from '../../attributes/load-balancer-attributes.ts'
import { elbError, validationError } from '../../errors.ts'
import { listeners, loadBalancers, rules } from '../../tables/index.ts'

/** With its listeners and their rules; target groups stay. One that is gone is deleted once more. (AWS: DeleteLoadBalancer) */
const removeLoadBalancer = (tx: Transaction, { scope }: Call, arn: string): void => {
  const row = scopeOfArn(arn).accountId === scope.accountId ? tx.get(loadBalancers, arn) : undefined
  if (!row) return
  if (loadBalancerAttributes(row)['deletion_protection.enabled'] === 'true')
    throw elbError(
      'OperationNotPermitted',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    )
  for (const rule of [...tx.where(rules, 'byLoadBalancer', arn)]) tx.delete(rules, rule.id)
  for (const listener of [...tx.where(listeners, 'byLoadBalancer', arn)]) tx.delete(listeners, listener.id)
  tx.delete(loadBalancers, arn)
}

export const deleteLoadBalancer = operation<DeleteLoadBalancerInput, object>({
  name: 'DeleteLoadBalancer',
  effect: 'frees',
  resources: ({ LoadBalancerArn = '' }) => [LoadBalancerArn],
  handle: ({ LoadBalancerArn = '' }, call) => {
    if (resourceTypeOf(LoadBalancerArn) !== 'loadbalancer')
      throw validationError(`'${LoadBalancerArn}' is not a valid load balancer ARN`)
    call.store.update(tx => removeLoadBalancer(tx, call, LoadBalancerArn))
    return {}
  },
})
