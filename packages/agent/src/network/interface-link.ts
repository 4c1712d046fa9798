/** The pair of links that puts an interface into a namespace: one end there, as eth0, the other in the router. */
import type { RunCommand } from '../metadata/index.ts'
import { gatewayOf } from './addresses.ts'
import type { HeldInterface } from './held-interface.ts'
import { interfaceLink } from './names.ts'
import { type Within, within } from './namespaces.ts'
import { routerMac } from './routes.ts'
import { leastIpv6Mtu } from './underlay.ts'

const name = 'eth0'
/** The router's in every subnet: routers of IPv6 are known by link-local addresses. (RFC 4861) */
const gateway6 = 'fe80::1'
/** The engine gives namespaces without IPv6; what the interface has of it is said here alone. */
const ipv6Parameters = {
  'ipv6/conf/lo/disable_ipv6': '0',
  [`ipv6/conf/${name}/accept_ra`]: '0',
  [`ipv6/conf/${name}/autoconf`]: '0',
  [`ipv6/conf/${name}/addr_gen_mode`]: '1',
  [`ipv6/conf/${name}/disable_ipv6`]: '0',
}

export const hasLink = (namespace: Within, link: string): Promise<boolean> =>
  namespace.ip([`link show ${link}`]).then(
    () => true,
    () => false,
  )

/** Its one neighbour is the router, whose address is never asked for: the first packet does not wait for an answer. */
const insideLines = ({ fact, subnet }: HeldInterface): string[] => {
  const gateway = gatewayOf(subnet.block)
  return [
    'link set lo up',
    `address replace ${fact.address}/32 dev ${name}`,
    `link set ${name} up`,
    `neigh replace ${gateway} lladdr ${routerMac} dev ${name} nud permanent`,
    `route replace default via ${gateway} dev ${name} onlink`,
    ...(fact.ipv6Address === undefined
      ? []
      : [
          `address replace ${fact.ipv6Address}/128 dev ${name} nodad`,
          `neigh replace ${gateway6} lladdr ${routerMac} dev ${name} nud permanent`,
          `route replace default via ${gateway6} dev ${name} onlink`,
        ]),
  ]
}

interface Place {
  /** Of the namespace that the interface belongs in. */
  readonly path: string
  readonly mtu: number
}

const pairLines = ({ fact }: HeldInterface, { path, mtu }: Place): string[] => {
  const link = interfaceLink(fact.interfaceId)
  return [
    `link add ${link} address ${routerMac} mtu ${mtu} type veth peer name ${name} address ${fact.macAddress} mtu ${mtu} netns ${path}`,
    `link set ${link} up`,
  ]
}

/** An earlier life of the agent may have made the pair, or half of what follows. */
const remakePair = async (
  router: Within,
  inside: Within,
  held: HeldInterface,
  place: Place,
): Promise<void> => {
  const link = interfaceLink(held.fact.interfaceId)
  const [isInRouter, isInside] = await Promise.all([hasLink(router, link), hasLink(inside, name)])
  if (isInRouter && isInside) await router.ip([`link set ${link} up`])
  else await router.ip([...(isInRouter ? [`link del ${link}`] : []), ...pairLines(held, place)])
}

const beginIpv6 = async (inside: Within, { mtu }: Place): Promise<void> => {
  if (mtu < leastIpv6Mtu)
    throw new Error(`the networks of this host carry packets of ${mtu} bytes, and IPv6 needs ${leastIpv6Mtu}`)
  await inside.set(ipv6Parameters)
}

/** Idempotent. */
export const makeInterface = async (
  run: RunCommand,
  router: Within,
  held: HeldInterface,
  place: Place,
): Promise<void> => {
  const inside = within(run, place.path)
  await router.ip(pairLines(held, place)).catch(() => remakePair(router, inside, held, place))
  if (held.fact.ipv6Address !== undefined) await beginIpv6(inside, place)
  await inside.ip(insideLines(held))
}
