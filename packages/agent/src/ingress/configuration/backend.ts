/** A target group, as the sections of HAProxy's configuration that hold its targets. */
import type { LoadBalancerFact, TargetGroupFact } from '@berth/model'
import { addressWithPort } from './frontend.ts'
import { healthCheckLines, healthCheckOptions } from './health-check.ts'
import { idleSeconds } from './idle-time.ts'
import { fetchOf, isOn, numberOf, openSectionName, sectionName, word } from './words.ts'

/** A place for a target: HAProxy makes servers as it starts, and only their addresses change while it runs. */
export interface Slot {
  /** `vpc3` reaches its target by the load balancer's interface, `host3` by the host's own network. */
  readonly name: string
  readonly isInVpc: boolean
  /** Absent: free. */
  readonly target?: { readonly address: string; readonly port: number; readonly isDraining: boolean }
}

export interface BackendParts {
  readonly slots: readonly Slot[]
  /** Of the load balancer's interface; undefined: it is not there yet. */
  readonly namespace: string | undefined
}

/** A free slot leads to where nobody listens. */
export const nowhere = { address: '127.0.0.1', port: 9 } as const

export const isHttp = ({ protocol }: TargetGroupFact): boolean => protocol === 'HTTP' || protocol === 'HTTPS'

const algorithm = (group: TargetGroupFact): string => {
  const { attributes } = group
  if (!isHttp(group)) {
    const isSticky = isOn(attributes, 'stickiness.enabled')
    return isSticky ? 'balance source\n  hash-type consistent' : 'balance roundrobin'
  }
  switch (attributes['load_balancing.algorithm.type']) {
    case 'least_outstanding_requests':
      return 'balance leastconn'
    case 'weighted_random':
      return 'balance random(1)'
    default:
      return 'balance roundrobin'
  }
}

/** (AWS: Sticky sessions for your Application Load Balancer) */
const stickiness = (group: TargetGroupFact): string[] => {
  const { attributes } = group
  if (!isHttp(group) || !isOn(attributes, 'stickiness.enabled')) return []
  if (attributes['stickiness.type'] === 'app_cookie') {
    const cookie = attributes['stickiness.app_cookie.cookie_name'] ?? ''
    const seconds = numberOf(attributes, 'stickiness.app_cookie.duration_seconds', 86_400)
    return [
      `stick-table type string len 128 size 100k expire ${seconds}s peers berth`,
      `stick on ${fetchOf('req.cook', cookie)}`,
      `stick store-response ${fetchOf('res.cook', cookie)}`,
    ]
  }
  const seconds = numberOf(attributes, 'stickiness.lb_cookie.duration_seconds', 86_400)
  return [
    `cookie AWSALB insert dynamic maxidle ${seconds}s`,
    `dynamic-cookie-key ${word(sectionName(group.arn))}`,
  ]
}

/** Only requests that a target may get twice are sent to a second one; it is the client's to repeat others. */
const retryLines = [
  'retry-on conn-failure empty-response',
  'http-request disable-l7-retry unless METH_GET or METH_HEAD or METH_OPTIONS',
]

const encryptionOf = (group: TargetGroupFact): string[] => {
  const speaksHttp2 = group.protocolVersion === 'GRPC' || group.protocolVersion === 'HTTP2'
  if (group.protocol === 'HTTPS') return ['ssl verify none', `alpn ${speaksHttp2 ? 'h2' : 'http/1.1'}`]
  if (group.protocol === 'TLS') return ['ssl verify none']
  return speaksHttp2 ? ['proto h2'] : []
}

const serverOptions = (group: TargetGroupFact): string[] => [
  ...encryptionOf(group),
  ...(isOn(group.attributes, 'proxy_protocol_v2.enabled') ? ['send-proxy-v2'] : []),
]

const checkedServerOptions = (group: TargetGroupFact): string[] => {
  const slowStart = numberOf(group.attributes, 'slow_start.duration_seconds', 0)
  const endsConnections = isOn(
    group.attributes,
    'target_health_state.unhealthy.connection_termination.enabled',
    true,
  )
  return [
    ...serverOptions(group),
    ...healthCheckOptions(group),
    ...(slowStart > 0 ? [`slowstart ${slowStart}s`] : []),
    ...(!isHttp(group) && endsConnections ? ['on-marked-down shutdown-sessions'] : []),
  ]
}

const serverLine = ({ name, isInVpc, target }: Slot, namespace: string | undefined): string => {
  const { address, port } = target ?? nowhere
  const isOff = target === undefined || target.isDraining
  return [
    `server ${name} ${addressWithPort(address, port)}`,
    ...(isInVpc && namespace !== undefined ? [`namespace ${namespace}`] : []),
    ...(isOff ? ['disabled'] : []),
  ].join(' ')
}

const section = (name: string, lines: readonly string[]): string[] => [
  `backend ${name}`,
  ...lines.map(line => `  ${line}`),
]

/** Two sections: the group itself, and the group without regard to health. */
export const backendLines = (
  loadBalancer: LoadBalancerFact,
  group: TargetGroupFact,
  { slots, namespace }: BackendParts,
): string[] => {
  const idle = idleSeconds(loadBalancer)
  const usable = slots.filter(({ isInVpc }) => !isInVpc || namespace !== undefined)
  const both = [
    `mode ${isHttp(group) ? 'http' : 'tcp'}`,
    algorithm(group),
    `timeout server ${idle}s`,
    `timeout tunnel ${idle}s`,
    ...(isHttp(group) ? retryLines : []),
    ...stickiness(group),
  ]
  const servers = usable.map(slot => serverLine(slot, namespace))
  const options = checkedServerOptions(group)
  const openOptions = serverOptions(group)
  return [
    ...section(sectionName(group.arn), [
      ...both,
      ...healthCheckLines(group, loadBalancer.frontAddress),
      'load-server-state-from-file global',
      ...(options.length > 0 ? [`default-server ${options.join(' ')}`] : []),
      ...servers,
    ]),
    ...section(openSectionName(group.arn), [
      ...both,
      ...(openOptions.length > 0 ? [`default-server ${openOptions.join(' ')}`] : []),
      ...servers,
    ]),
  ]
}
