import type {
  DescribeSSLPoliciesInput,
  DescribeSSLPoliciesOutput,
  SslPolicy,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { operation } from '../../service.ts'
import { elbError, notSupported } from '../errors.ts'
import { pageOf } from '../pages.ts'
import { type SecurityPolicy, sslPolicies } from '../ssl-policies.ts'

const policyResponse = (Name: string, { protocols, ciphers }: SecurityPolicy): SslPolicy => ({
  SslProtocols: [...protocols],
  Ciphers: ciphers.map((cipher, index) => ({ Name: cipher, Priority: index + 1 })),
  Name,
  SupportedLoadBalancerTypes: ['application', 'network'],
})

export const describeSslPolicies = operation<DescribeSSLPoliciesInput, DescribeSSLPoliciesOutput>({
  name: 'DescribeSSLPolicies',
  effect: 'reads',
  resources: () => ['*'],
  handle: input => {
    const { Names, LoadBalancerType } = input
    if (LoadBalancerType === 'gateway') throw notSupported("The load balancer type 'gateway'")
    const names = Names?.length ? Names : Object.keys(sslPolicies)
    const rows = names.map(id => {
      const policy = Object.hasOwn(sslPolicies, id) ? sslPolicies[id] : undefined
      if (!policy) throw elbError('SSLPolicyNotFound', `SSL policies '[${id}]' not found`)
      return { id, policy }
    })
    const { items, ...next } = pageOf(JSON.stringify(['SslPolicies', Names]), input, rows)
    return { SslPolicies: items.map(({ id, policy }) => policyResponse(id, policy)), ...next }
  },
})
