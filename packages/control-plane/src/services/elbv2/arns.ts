/** The shapes of Elastic Load Balancing's ARNs. (AWS: "Actions, resources, and condition keys for Elastic Load Balancing V2") */
import { formatArn, parseArn, type Scope } from '@berth/model'

const service = 'elasticloadbalancing'
const short = { application: 'app', network: 'net' } as const

/** 16 hexadecimal digits, the end of every ARN. */
export const newId = (randomHex: (bytes: number) => string): string => randomHex(8)

export const loadBalancerArn = (
  scope: Scope,
  type: 'application' | 'network',
  name: string,
  id: string,
): string => formatArn(service, scope, `loadbalancer/${short[type]}/${name}/${id}`)

export const targetGroupArn = (scope: Scope, name: string, id: string): string =>
  formatArn(service, scope, `targetgroup/${name}/${id}`)

export const trustStoreArn = (scope: Scope, name: string, id: string): string =>
  formatArn(service, scope, `truststore/${name}/${id}`)

const below = (arn: string, from: string, to: string, id: string): string =>
  `${arn.replace(`:${from}/`, `:${to}/`)}/${id}`

export const listenerArn = (ofLoadBalancer: string, id: string): string =>
  below(ofLoadBalancer, 'loadbalancer', 'listener', id)

export const ruleArn = (ofListener: string, id: string): string =>
  below(ofListener, 'listener', 'listener-rule', id)

/** The first part of an ARN's resource: `loadbalancer`; undefined when the text is no ARN of this service. */
export const resourceTypeOf = (arn: string): string | undefined => {
  const parsed = parseArn(arn)
  return parsed?.service === service ? parsed.resource.split('/', 1)[0] : undefined
}
