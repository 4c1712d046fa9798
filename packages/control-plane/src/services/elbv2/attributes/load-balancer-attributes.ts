import type { LoadBalancerRow } from '../tables/index.ts'
import {
  type Attribute,
  type AttributeSet,
  allAttributes,
  boolean,
  changedAttributes,
  type GivenAttribute,
  integer,
  oneOf,
  text,
} from './attribute-set.ts'

const isApplication = ({ type }: LoadBalancerRow): boolean => type === 'application'
const isNetwork = ({ type }: LoadBalancerRow): boolean => type === 'network'

type Of = Attribute<LoadBalancerRow>
const application = (attribute: Of): Of => ({ ...attribute, has: isApplication })
const network = (attribute: Of): Of => ({ ...attribute, has: isNetwork })

/** There is no S3 that logs could be written to. */
const logs = (kind: string, has: (attribute: Of) => Of): AttributeSet<LoadBalancerRow> => ({
  [`${kind}.s3.enabled`]: has({ default: 'false', check: boolean, isFixed: true }),
  [`${kind}.s3.bucket`]: has({ default: '', check: text(255) }),
  [`${kind}.s3.prefix`]: has({ default: '', check: text(1_024) }),
})

/** (AWS: Elastic Load Balancing API reference, LoadBalancerAttribute) */
const attributes: AttributeSet<LoadBalancerRow> = {
  ...logs('access_logs', attribute => attribute),
  'deletion_protection.enabled': { default: 'false', check: boolean },
  // An application load balancer always balances across zones.
  'load_balancing.cross_zone.enabled': {
    default: row => String(isApplication(row)),
    check: boolean,
    isFixed: isApplication,
  },
  'ipv6.deny_all_igw_traffic': {
    default: ({ scheme }) => String(scheme === 'internal'),
    check: boolean,
    isFixed: true,
  },
  'zonal_shift.config.enabled': { default: 'false', check: boolean, isFixed: true },
  'idle_timeout.timeout_seconds': application({ default: '60', check: integer(1, 4_000) }),
  'client_keep_alive.seconds': application({ default: '3600', check: integer(60, 604_800) }),
  ...logs('connection_logs', application),
  ...logs('health_check_logs', application),
  // HAProxy refuses what is ambiguous, and lets pass what is unusual and harmless.
  'routing.http.desync_mitigation_mode': application({
    default: 'defensive',
    check: oneOf('monitor', 'defensive', 'strictest'),
    isFixed: true,
  }),
  'routing.http.drop_invalid_header_fields.enabled': application({ default: 'false', check: boolean }),
  'routing.http.preserve_host_header.enabled': application({ default: 'false', check: boolean }),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': application({
    default: 'false',
    check: boolean,
  }),
  'routing.http.xff_client_port.enabled': application({ default: 'false', check: boolean }),
  'routing.http.xff_header_processing.mode': application({
    default: 'append',
    check: oneOf('append', 'preserve', 'remove'),
  }),
  'routing.http2.enabled': application({ default: 'true', check: boolean }),
  'waf.fail_open.enabled': application({ default: 'false', check: boolean, isFixed: true }),
  'dns_record.client_routing_policy': network({
    default: 'any_availability_zone',
    check: oneOf('any_availability_zone', 'availability_zone_affinity', 'partial_availability_zone_affinity'),
    isFixed: true,
  }),
  'secondary_ips.auto_assigned.per_subnet': network({ default: '0', check: integer(0, 7), isFixed: true }),
}

export const loadBalancerAttributes = (row: LoadBalancerRow): Record<string, string> =>
  allAttributes(attributes, row)

export const changedLoadBalancerAttributes = (
  row: LoadBalancerRow,
  given: readonly GivenAttribute[],
): Readonly<Record<string, string>> =>
  changedAttributes(attributes, row, given, {
    noun: 'Load balancer',
    described: `load balancers with type '${row.type}'`,
  })
