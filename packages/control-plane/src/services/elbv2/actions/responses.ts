/** What a load balancer answers by itself: redirects and fixed responses. (AWS: RedirectActionConfig, FixedResponseActionConfig) */
import type {
  FixedResponseActionConfig,
  RedirectActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { elbError, validationError } from '../errors.ts'

const invalidAction = (message: string) => elbError('InvalidLoadBalancerAction', message)

const unchanged = {
  Protocol: '#{protocol}',
  Port: '#{port}',
  Host: '#{host}',
  Path: '/#{path}',
  Query: '#{query}',
}

const checkLength = (what: string, value: string, least: number, most: number): void => {
  if (value.length < least || value.length > most)
    throw validationError(`Redirect ${what} '${value}' must be between '${least}-${most}' characters long`)
}

const checkPort = (port: string): void => {
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535
  if (port !== unchanged.Port && !isPort)
    throw validationError(`Redirect port '${port}' must be '#{port}' or in the inclusive range of 1 to 65535`)
}

/** `protocol` is the listener's. What is not given stays as it was asked for, and is told so. */
export const givenRedirect = (
  given: RedirectActionConfig | undefined,
  protocol: string,
): RedirectActionConfig => {
  if (!given) throw validationError("'RedirectConfig' must be specified for actions of type 'redirect'")
  const config = {
    Protocol: given.Protocol ?? unchanged.Protocol,
    Port: given.Port ?? unchanged.Port,
    Host: given.Host ?? unchanged.Host,
    Path: given.Path ?? unchanged.Path,
    Query: given.Query ?? unchanged.Query,
    StatusCode: given.StatusCode,
  }
  if (!['HTTP', 'HTTPS', unchanged.Protocol].includes(config.Protocol))
    throw validationError(`Redirect protocol '${config.Protocol}' must be one of 'HTTP, HTTPS, #{protocol}'`)
  checkPort(config.Port)
  checkLength('host', config.Host, 1, 128)
  checkLength('path', config.Path, 1, 128)
  checkLength('query', config.Query, 0, 128)
  if (!config.Path.startsWith('/'))
    throw validationError(`Redirect path '${config.Path}' must start with '/'`)
  if (protocol === 'HTTPS' && config.Protocol === 'HTTP')
    throw invalidAction('The redirect configuration is not valid: HTTPS cannot be redirected to HTTP')
  const { Protocol, Port, Host, Path } = unchanged
  if (
    [Protocol, protocol].includes(config.Protocol) &&
    config.Port === Port &&
    config.Host === Host &&
    config.Path === Path
  )
    throw invalidAction('The redirect configuration is not valid because it creates a loop')
  return config
}

const contentTypes = ['text/html', 'application/json', 'application/javascript', 'text/css', 'text/plain']
const longestBody = 1_024

export const givenFixedResponse = (
  given: FixedResponseActionConfig | undefined,
): FixedResponseActionConfig => {
  if (!given)
    throw validationError("'FixedResponseConfig' must be specified for actions of type 'fixed-response'")
  const { StatusCode = '', ContentType, MessageBody } = given
  if (!/^(2|4|5)\d\d$/.test(StatusCode))
    throw validationError(
      `1 validation error detected: Value '${StatusCode}' at 'actions.fixedResponseConfig.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(2|4|5)\\d\\d$`,
    )
  if (ContentType !== undefined && !contentTypes.includes(ContentType))
    throw invalidAction(`The ContentType must be one of:'${contentTypes.join("', '")}'`)
  if (MessageBody !== undefined && MessageBody.length > longestBody)
    throw validationError(`The message body cannot be longer than '${longestBody}' characters`)
  return {
    ...(MessageBody !== undefined && { MessageBody }),
    StatusCode,
    ...(ContentType !== undefined && { ContentType }),
  }
}
