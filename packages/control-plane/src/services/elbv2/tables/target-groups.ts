import { defineTable, type Row } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'
import { besideKey, scopeKeyOf } from './keys.ts'

/**
 * (AWS: Elastic Load Balancing API reference, TargetGroup). Written by operations. Which load balancers use it is told by the
 * rules that name it.
 */
export interface TargetGroupRow extends Row {
  /** The ARN: `…:targetgroup/NAME/16 hexadecimal digits`. */
  readonly id: string
  readonly name: string
  readonly targetType: 'instance' | 'ip'
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'
  /** Of HTTP and HTTPS. */
  readonly protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC'
  /** Of targets that are registered without one. */
  readonly port: number
  readonly vpcId: string
  readonly ipAddressType: 'ipv4' | 'ipv6'
  readonly healthCheck: HealthCheck
  /** What differs from the defaults. (AWS: TargetGroupAttribute) */
  readonly attributes: Readonly<Record<string, string>>
  readonly tags: readonly KeyValueTag[]
}

export interface HealthCheck {
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP'
  /** Absent: the port of each target (`traffic-port`). */
  readonly port?: number
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  /** Of HTTP and HTTPS. */
  readonly path?: string
  /** Of HTTP and HTTPS: `200-299,301`; of gRPC, its own codes. */
  readonly matcher?: string
}

export const targetGroups = defineTable<TargetGroupRow>()({
  name: 'elbv2.target-groups',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byName: row => besideKey(row.id, row.name),
    byVpc: row => besideKey(row.id, row.vpcId),
  },
})
