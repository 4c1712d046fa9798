import { defineTable, type Row } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'
import { scopeKeyOf } from './keys.ts'

/**
 * (AWS: Elastic Load Balancing API reference, Listener). Written by operations. What it does when none of its rules holds is
 * its default rule, a row of `elbv2.rules`.
 */
export interface ListenerRow extends Row {
  /** The ARN: `…:listener/app/NAME/ID OF THE LOAD BALANCER/16 hexadecimal digits`. */
  readonly id: string
  readonly loadBalancerArn: string
  readonly port: number
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'
  /** Of HTTPS and TLS. */
  readonly sslPolicy?: string
  /** The first is the default one; the others are chosen by SNI. */
  readonly certificateArns: readonly string[]
  /** Of TLS. (AWS: ALPN policies) */
  readonly alpnPolicy?: 'HTTP1Only' | 'HTTP2Only' | 'HTTP2Optional' | 'HTTP2Preferred' | 'None'
  /** Of HTTPS. */
  readonly mutualAuthentication?: MutualAuthentication
  /** What differs from the defaults. (AWS: ListenerAttribute) */
  readonly attributes: Readonly<Record<string, string>>
  readonly tags: readonly KeyValueTag[]
}

/** (AWS: MutualAuthenticationAttributes) */
export interface MutualAuthentication {
  readonly mode: 'off' | 'passthrough' | 'verify'
  readonly trustStoreArn?: string
  readonly ignoresExpiry?: boolean
  readonly advertisesNames?: boolean
}

/** A port of a load balancer, as an index key. */
export const portKey = (loadBalancerArn: string, port: number): string => `${loadBalancerArn}|${port}`

export const listeners = defineTable<ListenerRow>()({
  name: 'elbv2.listeners',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byLoadBalancer: row => row.loadBalancerArn,
    byPort: row => portKey(row.loadBalancerArn, row.port),
    byCertificate: row => row.certificateArns,
    byTrustStore: row => row.mutualAuthentication?.trustStoreArn,
  },
})
