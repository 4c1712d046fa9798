/** What a host's networks are told of its addresses, and what they say of them: ARP (RFC 826, RFC 5227), with iputils' arping. */
import { isIPv4 } from 'node:net'
import type { RunCommand } from '../metadata/index.ts'

/** As `ip -j address` prints it. */
export interface HostLink {
  readonly ifname: string
  readonly flags: readonly string[]
  readonly addr_info: readonly {
    readonly local?: string
    readonly prefixlen?: number
    readonly label?: string
  }[]
}

export const readLinks = async (run: RunCommand): Promise<readonly HostLink[]> => {
  const links = JSON.parse(await run('ip', ['-j', 'address'])) as readonly Partial<HostLink>[]
  return links.flatMap(({ ifname, flags = [], addr_info = [] }) =>
    ifname === undefined ? [] : [{ ifname, flags, addr_info }],
  )
}

const numberOf = (address: string): number =>
  address.split('.').reduce((number, part) => number * 256 + Number(part), 0)

const networkOf = (address: string, prefix: number): number =>
  Math.floor(numberOf(address) / 2 ** (32 - prefix))

/** The links to whose networks the address belongs. None: others must be told by routes where it is. IPv4 only. */
export const linksTo = (links: readonly HostLink[], address: string): readonly string[] =>
  isIPv4(address)
    ? links
        .filter(({ flags }) => flags.includes('UP') && !flags.includes('LOOPBACK'))
        .filter(({ addr_info }) =>
          addr_info.some(
            ({ local = '', prefixlen = 32 }) =>
              isIPv4(local) &&
              prefixlen < 32 &&
              networkOf(local, prefixlen) === networkOf(address, prefixlen),
          ),
        )
        .map(({ ifname }) => ifname)
    : []

/** Tells the link's network that the address is here: as an answer and as a question, since not everything heeds both. */
export const announce = async (run: RunCommand, link: string, address: string): Promise<void> => {
  await Promise.all(
    ['-A', '-U'].map(kind => run('arping', ['-q', kind, '-c', '1', '-w', '1', '-I', link, address])),
  )
}

const probe =
  'arping -q -D -c 1 -w 1 -I "$0" "$1" || { code=$?; [ $code = 1 ] && echo answered || exit $code; }'

/** Whether another host of the link's network answers for the address, which takes a second to find out. */
export const isAnsweredFor = async (run: RunCommand, link: string, address: string): Promise<boolean> =>
  (await run('sh', ['-c', probe, link, address])).trim() === 'answered'

/** The links on which the kernel does not answer for addresses of other links, as those of load balancers are. */
export const silentLinks = async (run: RunCommand, links: readonly string[]): Promise<readonly string[]> => {
  const levelOf = async (link: string): Promise<number> =>
    Number(await run('cat', [`/proc/sys/net/ipv4/conf/${link}/arp_ignore`]))
  const ofAll = await levelOf('all')
  const levels = await Promise.all(links.map(async link => ({ link, level: await levelOf(link) })))
  return levels.filter(({ level }) => Math.max(level, ofAll) > 0).map(({ link }) => link)
}
