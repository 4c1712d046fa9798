import { berthDomain } from '@berth/model'
import type { LoadBalancerRow } from './tables/index.ts'

/**
 * As AWS's names, in a domain of Berth's own: ten digits end the name of an application load balancer, and those of its ARN
 * the name of a network one. `id` is the end of the ARN.
 */
export const dnsNameOf = (
  { name, type, scheme }: Pick<LoadBalancerRow, 'name' | 'type' | 'scheme'>,
  region: string,
  id: string,
): string => {
  if (type === 'network') return `${name}-${id}.elb.${region}.${berthDomain}`
  const digits = String(Number.parseInt(id.slice(0, 8), 16) % 10 ** 10).padStart(10, '0')
  return `${scheme === 'internal' ? 'internal-' : ''}${name}-${digits}.${region}.elb.${berthDomain}`
}
