/** Health checks of targets: their defaults and rules. (AWS: CreateTargetGroup; "Health checks for … target groups") */
import type { CreateTargetGroupInput, Matcher } from '@aws-sdk/client-elastic-load-balancing-v2'
import { checkRange, invalidConfiguration, validationError } from './errors.ts'
import type { HealthCheck, TargetGroupRow } from './tables/index.ts'

export type GivenHealthCheck = Pick<
  CreateTargetGroupInput,
  | 'HealthCheckProtocol'
  | 'HealthCheckPort'
  | 'HealthCheckEnabled'
  | 'HealthCheckPath'
  | 'HealthCheckIntervalSeconds'
  | 'HealthCheckTimeoutSeconds'
  | 'HealthyThresholdCount'
  | 'UnhealthyThresholdCount'
  | 'Matcher'
>

type Group = Pick<TargetGroupRow, 'protocol' | 'protocolVersion'>

const isHttp = ({ protocol }: Group): boolean => protocol === 'HTTP' || protocol === 'HTTPS'
const isGrpc = ({ protocolVersion }: Group): boolean => protocolVersion === 'GRPC'

const protocolOf = (given: string | undefined, group: Group): HealthCheck['protocol'] => {
  const protocol = given ?? (isHttp(group) ? 'HTTP' : 'TCP')
  if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol
  if (protocol !== 'TCP')
    throw validationError(`Health check protocol '${protocol}' must be one of 'HTTP, HTTPS, TCP'`)
  if (isHttp(group))
    throw invalidConfiguration(
      `Health check protocol 'TCP' is not supported for target groups with the ${group.protocol} protocol`,
    )
  return 'TCP'
}

const portOf = (given: string | undefined): number | undefined => {
  if (given === undefined || given === 'traffic-port') return undefined
  const port = /^\d{1,5}$/.test(given) ? Number(given) : 0
  if (port < 1 || port > 65_535)
    throw validationError(
      `Health check port '${given}' must be 'traffic-port' or in the inclusive range of 1 to 65535`,
    )
  return port
}

const longestPath = 1_024

const checkPath = (path: string): string => {
  if (path.length > longestPath)
    throw validationError(`Health check path cannot be longer than '${longestPath}' characters`)
  if (!/^\/[!-~]*$/.test(path))
    throw validationError(`Health check path '${path}' must begin with a '/' character`)
  return path
}

/** The least and the greatest code of a matcher. */
const codesOf = (group: Group): readonly [number, number] => {
  if (isGrpc(group)) return [0, 99]
  return isHttp(group) ? [200, 499] : [200, 599]
}

const isMatcher = (text: string, [least, most]: readonly [number, number]): boolean =>
  text.split(',').every(part => {
    const [, from = '', to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part) ?? []
    return from !== '' && Number(from) >= least && Number(to) <= most && Number(from) <= Number(to)
  })

const matcherOf = ({ HttpCode, GrpcCode }: Matcher, group: Group): string | undefined => {
  const [given, other] = isGrpc(group) ? [GrpcCode, HttpCode] : [HttpCode, GrpcCode]
  if (other !== undefined)
    throw invalidConfiguration(
      `You must specify ${isGrpc(group) ? 'a gRPC' : 'an HTTP'} code in the matcher of this target group`,
    )
  const codes = codesOf(group)
  if (given !== undefined && !isMatcher(given, codes))
    throw validationError(
      `Health check matcher ${isGrpc(group) ? 'gRPC' : 'HTTP'} code '${given}' must be within '${codes[0]}-${codes[1]}' inclusive`,
    )
  return given
}

const usualMatcher = (group: Group): string => {
  if (isGrpc(group)) return '12'
  return isHttp(group) ? '200' : '200-399'
}

const usualTimeout = (group: Group, protocol: HealthCheck['protocol']): number => {
  if (isHttp(group)) return 5
  return protocol === 'HTTP' ? 6 : 10
}

const webCheck = (
  given: GivenHealthCheck,
  group: Group,
  before: HealthCheck | undefined,
): Pick<HealthCheck, 'path' | 'matcher'> => ({
  path: checkPath(given.HealthCheckPath ?? before?.path ?? (isGrpc(group) ? '/AWS.ALB/healthcheck' : '/')),
  matcher: matcherOf(given.Matcher ?? {}, group) ?? before?.matcher ?? usualMatcher(group),
})

const checkNumbers = (given: GivenHealthCheck): void => {
  checkRange('healthCheckIntervalSeconds', given.HealthCheckIntervalSeconds, 5, 300)
  checkRange('healthCheckTimeoutSeconds', given.HealthCheckTimeoutSeconds, 2, 120)
  checkRange('healthyThresholdCount', given.HealthyThresholdCount, 2, 10)
  checkRange('unhealthyThresholdCount', given.UnhealthyThresholdCount, 2, 10)
}

/** What is given, over what was before, over the defaults. */
export const healthCheckOf = (given: GivenHealthCheck, group: Group, before?: HealthCheck): HealthCheck => {
  if (given.HealthCheckEnabled === false)
    throw invalidConfiguration(
      "Health check enabled must be true for target groups with target type 'instance' or 'ip'",
    )
  checkNumbers(given)
  const protocol = protocolOf(given.HealthCheckProtocol ?? before?.protocol, group)
  const isWeb = protocol !== 'TCP'
  if (!isWeb && (given.HealthCheckPath ?? given.Matcher) !== undefined)
    throw invalidConfiguration(
      `Health check ${given.HealthCheckPath === undefined ? 'matchers' : 'paths'} are not supported for health checks with the TCP protocol`,
    )
  const port = given.HealthCheckPort === undefined ? before?.port : portOf(given.HealthCheckPort)
  const check: HealthCheck = {
    protocol,
    ...(port !== undefined && { port }),
    intervalSeconds: given.HealthCheckIntervalSeconds ?? before?.intervalSeconds ?? 30,
    timeoutSeconds:
      given.HealthCheckTimeoutSeconds ?? before?.timeoutSeconds ?? usualTimeout(group, protocol),
    healthyThreshold: given.HealthyThresholdCount ?? before?.healthyThreshold ?? 5,
    unhealthyThreshold: given.UnhealthyThresholdCount ?? before?.unhealthyThreshold ?? 2,
    ...(isWeb && webCheck(given, group, before)),
  }
  if (check.timeoutSeconds >= check.intervalSeconds)
    throw validationError('Health check interval must be greater than the timeout.')
  return check
}
