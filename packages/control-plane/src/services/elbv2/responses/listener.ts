import type {
  Listener,
  MutualAuthenticationAttributes,
  Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { View } from '../../../store/view.ts'
import { type ListenerRow, type MutualAuthentication, type RuleRow, rules } from '../tables/index.ts'

export const defaultRuleOf = (view: View, listenerArn: string): RuleRow => {
  const [rule] = view.where(rules, 'defaultOfListener', listenerArn)
  if (!rule) throw new Error(`The listener ${listenerArn} has no default rule`)
  return rule
}

const mutualResponse = ({
  mode,
  trustStoreArn,
  ignoresExpiry,
  advertisesNames,
}: MutualAuthentication): MutualAuthenticationAttributes => ({
  Mode: mode,
  ...(trustStoreArn !== undefined && {
    TrustStoreArn: trustStoreArn,
    TrustStoreAssociationStatus: 'active',
    IgnoreClientCertificateExpiry: ignoresExpiry ?? false,
    AdvertiseTrustStoreCaNames: advertisesNames ? 'on' : 'off',
  }),
})

export const listenerResponse = (row: ListenerRow, view: View): Listener => {
  const [certificate] = row.certificateArns
  return {
    ListenerArn: row.id,
    LoadBalancerArn: row.loadBalancerArn,
    Port: row.port,
    Protocol: row.protocol,
    ...(certificate !== undefined && { Certificates: [{ CertificateArn: certificate }] }),
    SslPolicy: row.sslPolicy,
    DefaultActions: [...defaultRuleOf(view, row.id).actions],
    ...(row.alpnPolicy !== undefined && { AlpnPolicy: [row.alpnPolicy] }),
    ...(row.mutualAuthentication && { MutualAuthentication: mutualResponse(row.mutualAuthentication) }),
  }
}

export const ruleResponse = (row: RuleRow): Rule => ({
  RuleArn: row.id,
  Priority: row.priority === undefined ? 'default' : String(row.priority),
  Conditions: [...row.conditions],
  Actions: [...row.actions],
  IsDefault: row.priority === undefined,
  ...(row.transforms.length > 0 && { Transforms: [...row.transforms] }),
})
