import { invalidConfiguration, validationError } from '../errors.ts'
import type { TargetGroupRow } from '../tables/index.ts'
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

type Of = Attribute<TargetGroupRow>

/** Of application load balancers. */
export const isHttp = ({ protocol }: Pick<TargetGroupRow, 'protocol'>): boolean =>
  protocol === 'HTTP' || protocol === 'HTTPS'
const isTransport = (row: TargetGroupRow): boolean => !isHttp(row)
const hasUdp = ({ protocol }: TargetGroupRow): boolean => protocol === 'UDP' || protocol === 'TCP_UDP'

const http = (attribute: Of): Of => ({ ...attribute, has: isHttp })
const transport = (attribute: Of): Of => ({ ...attribute, has: isTransport })

const week = 604_800
const most = 1_000

const health: AttributeSet<TargetGroupRow> = {
  // A load balancer has one address, which its name leads to whatever the health of its targets.
  'target_group_health.dns_failover.minimum_healthy_targets.count': {
    default: '1',
    check: integer(1, most, 'off'),
    isFixed: true,
  },
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': {
    default: 'off',
    check: integer(1, 100, 'off'),
    isFixed: true,
  },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': {
    default: '1',
    check: integer(1, most),
  },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': {
    default: 'off',
    check: integer(1, 100, 'off'),
    isFixed: true,
  },
}

/** (AWS: Elastic Load Balancing API reference, TargetGroupAttribute) */
const attributes: AttributeSet<TargetGroupRow> = {
  'deregistration_delay.timeout_seconds': { default: '300', check: integer(0, 3_600) },
  'stickiness.enabled': { default: 'false', check: boolean },
  'stickiness.type': {
    default: row => (isHttp(row) ? 'lb_cookie' : 'source_ip'),
    check: oneOf('lb_cookie', 'app_cookie', 'source_ip'),
  },
  'load_balancing.cross_zone.enabled': {
    default: 'use_load_balancer_configuration',
    check: oneOf('true', 'false', 'use_load_balancer_configuration'),
    // One node carries a load balancer, and leads to targets in every zone.
    isFixed: (_, value) => value === 'false',
  },
  ...health,
  'load_balancing.algorithm.type': http({
    default: 'round_robin',
    check: oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
  }),
  'load_balancing.algorithm.anomaly_mitigation': http({
    default: 'off',
    check: oneOf('on', 'off'),
    isFixed: true,
  }),
  'slow_start.duration_seconds': http({
    default: '0',
    check: value => (value === '0' ? undefined : integer(30, 900)(value)),
  }),
  'stickiness.app_cookie.cookie_name': http({ default: '', check: text(255) }),
  'stickiness.app_cookie.duration_seconds': http({ default: '86400', check: integer(1, week) }),
  'stickiness.lb_cookie.duration_seconds': http({ default: '86400', check: integer(1, week) }),
  'deregistration_delay.connection_termination.enabled': transport({
    default: row => String(hasUdp(row)),
    check: boolean,
  }),
  'preserve_client_ip.enabled': transport({
    default: row => String(hasUdp(row) || row.targetType === 'instance'),
    check: boolean,
    // Targets see the load balancer's address: what AWS does where it is off.
    isFixed: row => !hasUdp(row) && row.targetType === 'ip',
  }),
  'proxy_protocol_v2.enabled': transport({ default: 'false', check: boolean }),
  'target_health_state.unhealthy.connection_termination.enabled': transport({
    default: row => String(!hasUdp(row)),
    check: boolean,
  }),
  'target_health_state.unhealthy.draining_interval_seconds': transport({
    default: '0',
    check: integer(0, 360_000),
    isFixed: true,
  }),
}

export const targetGroupAttributes = (row: TargetGroupRow): Record<string, string> =>
  allAttributes(attributes, row)

/** What must hold of several attributes together. */
const checkTogether = (row: TargetGroupRow): void => {
  const all = targetGroupAttributes(row)
  const type = all['stickiness.type'] ?? ''
  if ((type === 'source_ip') === isHttp(row))
    throw invalidConfiguration(
      `Stickiness type '${type}' is not supported for target groups with the ${row.protocol} protocol`,
    )
  const cookie = all['stickiness.app_cookie.cookie_name'] ?? ''
  if (/^AWSALB/i.test(cookie) || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/.test(cookie))
    throw validationError(`'${cookie}' is not a valid application cookie name`)
  if (type === 'app_cookie' && all['stickiness.enabled'] === 'true' && cookie === '')
    throw invalidConfiguration(
      'You must specify an application cookie name when enabling app_cookie stickiness',
    )
  const slow = all['slow_start.duration_seconds'] ?? '0'
  const algorithm = all['load_balancing.algorithm.type'] ?? 'round_robin'
  if (slow !== '0' && algorithm !== 'round_robin')
    throw invalidConfiguration(`Slow start mode is not supported with the ${algorithm} algorithm`)
  if (hasUdp(row) && all['preserve_client_ip.enabled'] === 'false')
    throw invalidConfiguration(
      `Client IP preservation cannot be disabled for target groups with the ${row.protocol} protocol`,
    )
  if (hasUdp(row) && all['target_health_state.unhealthy.connection_termination.enabled'] === 'true')
    throw invalidConfiguration(
      `Connection termination for unhealthy targets cannot be enabled for target groups with the ${row.protocol} protocol`,
    )
}

export const changedTargetGroupAttributes = (
  row: TargetGroupRow,
  given: readonly GivenAttribute[],
): Readonly<Record<string, string>> => {
  const changed = changedAttributes(attributes, row, given, {
    noun: 'Target group',
    described: `target groups with the ${row.protocol} protocol`,
  })
  checkTogether({ ...row, attributes: changed })
  return changed
}
