/** How HAProxy asks a target whether it is healthy (AWS: Health checks for Application Load Balancer target groups). */
import type { TargetGroupFact } from '@berth/model'
import { word } from './words.ts'

const isGrpc = ({ protocolVersion }: TargetGroupFact): boolean => protocolVersion === 'GRPC'

/** `0,12-14` as an expression that matches one of them. */
const codesExpression = (matcher: string): string => {
  const codes = matcher.split(',').flatMap(part => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
  return `^(${codes.join('|')})$`
}

const httpLines = (group: TargetGroupFact, host: string): string[] => {
  const { path, matcher } = group.healthCheck
  const request = `hdr Host ${word(host)} hdr User-Agent ELB-HealthChecker/2.0`
  if (isGrpc(group))
    return [
      'option httpchk',
      `http-check send meth POST uri ${word(path)} ver HTTP/2 ${request} hdr Content-Type application/grpc hdr TE trailers`,
      `http-check expect hdr name grpc-status value -m reg ${word(codesExpression(matcher))}`,
    ]
  return [
    'option httpchk',
    `http-check send meth GET uri ${word(path)} ver HTTP/1.1 ${request}`,
    `http-check expect status ${matcher.replaceAll(' ', '')}`,
  ]
}

/** Of the section: `host` is what the check calls the target, which HAProxy cannot tell apart. */
export const healthCheckLines = (group: TargetGroupFact, host: string): string[] => {
  const { healthCheck } = group
  if (!healthCheck.isEnabled) return []
  const lines = healthCheck.protocol === 'TCP' ? ['option tcp-check'] : httpLines(group, host)
  return [...lines, `timeout check ${healthCheck.timeoutSeconds}s`]
}

const downSeconds = 1

/** Of each server. */
export const healthCheckOptions = (group: TargetGroupFact): string[] => {
  const { isEnabled, protocol, port, intervalSeconds, healthyThreshold, unhealthyThreshold } =
    group.healthCheck
  if (!isEnabled) return []
  const speaksHttp2 = group.protocolVersion === 'GRPC' || group.protocolVersion === 'HTTP2'
  return [
    'check',
    `inter ${intervalSeconds}s`,
    // A target that begins, or comes back, is seen at once.
    `downinter ${downSeconds}s`,
    `rise ${healthyThreshold}`,
    `fall ${unhealthyThreshold}`,
    ...(port === undefined ? [] : ['port', String(port)]),
    ...(protocol === 'HTTPS' ? ['check-ssl', 'verify none'] : ['no-check-ssl']),
    ...(speaksHttp2 && protocol === 'HTTP' ? ['check-proto h2'] : []),
    ...(speaksHttp2 && protocol === 'HTTPS' ? ['check-alpn h2'] : []),
  ]
}
