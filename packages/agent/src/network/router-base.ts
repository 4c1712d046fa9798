/** What every router has: its namespace, and the link to the host. */
import type { RunCommand } from '../metadata/index.ts'
import { hasLink } from './interface-link.ts'
import { hostLink, routerNamespace, uplink } from './names.ts'
import { createNamespaces, namespaceNamed } from './namespaces.ts'
import { hostEnd, routerEnd } from './routes.ts'

const parameters = {
  'ipv4/ip_forward': '1',
  // Where the machine's default is to have none.
  'ipv6/conf/all/disable_ipv6': '0',
  'ipv6/conf/default/disable_ipv6': '0',
  'ipv6/conf/all/forwarding': '1',
  // Nobody else says what routes there are.
  'ipv6/conf/all/accept_ra': '0',
  'ipv6/conf/default/accept_ra': '0',
  // No link has an address of its own making: what leaves one is what its interface sent.
  'ipv6/conf/default/addr_gen_mode': '1',
  // Kernels before 6.3 have room for 4,096 addresses of IPv6 that are spoken with.
  'ipv6/route/max_size': '2147483647',
  // Where packets may come from is said by the rules.
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
  // Who asks would be remembered, in a table that all namespaces of the machine share.
  'ipv4/conf/all/arp_ignore': '8',
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
}

/** Idempotent. */
export const ensureRouterBase = async (
  run: RunCommand,
  { tag, vpcId, mtu }: { readonly tag: string; readonly vpcId: string; readonly mtu: number },
): Promise<void> => {
  const name = routerNamespace(tag, vpcId)
  await createNamespaces(run).add(name)
  const namespace = namespaceNamed(run, name)
  await namespace.set(parameters)
  const outside = hostLink(tag, vpcId)
  if (!(await hasLink(namespace, uplink))) {
    await run('ip', ['link', 'del', outside]).catch(() => '')
    await run('ip', [
      ...['link', 'add', outside, 'address', hostEnd.mac, 'mtu', String(mtu), 'type', 'veth'],
      ...['peer', 'name', uplink, 'address', routerEnd.mac, 'mtu', String(mtu), 'netns', name],
    ])
  }
  await run('ip', ['link', 'set', outside, 'addrgenmode', 'none', 'up'])
  await namespace.ip([
    'link set lo up',
    // What the router itself says, such as that a packet is too large, comes from here.
    `address replace ${routerEnd.address}/32 dev lo`,
    `link set ${uplink} up`,
  ])
}
