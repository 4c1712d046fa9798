/**
 * The names that every address of a VPC has there: `ip-10-0-0-5.ec2.internal`, and back. They are made from the VPC's blocks,
 * so that no table grows with its tasks. (AWS: "Amazon EC2 instance hostnames and domains")
 */
import { BlockList, isIPv4 } from 'node:net'
import { type Asked, type Decision, found, missing } from './answer.ts'
import type { AskingVpc } from './name-table.ts'

const ttl = 60

/** The domain of private names. */
export const privateDomainOf = (region: string): string =>
  region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`

const isIn = (blocks: readonly string[], address: string): boolean => {
  const list = new BlockList()
  for (const block of blocks) {
    const [network = '', prefix] = block.split('/')
    if (isIPv4(network)) list.addSubnet(network, Number(prefix))
  }
  return isIPv4(address) && list.check(address)
}

/** Undefined: neither a private name nor an address of the VPC is asked for. */
export const decideInVpc = (
  { name, type, isInternetClass }: Asked,
  { blocks }: AskingVpc,
  domain: string,
): Decision | undefined => {
  if (name === undefined || !isInternetClass) return undefined
  const reversed = /^((?:\d{1,3}\.){4})in-addr\.arpa$/.exec(name)?.[1]
  if (reversed) {
    const address = reversed.slice(0, -1).split('.').reverse().join('.')
    if (!isIn(blocks, address)) return undefined
    const data = `ip-${address.replaceAll('.', '-')}.${domain}`
    return type === 'PTR' || type === 'ANY'
      ? found([{ type: 'PTR', name, ttl, data }])
      : missing('in-addr.arpa', true)
  }
  if (name !== domain && !name.endsWith(`.${domain}`)) return undefined
  const address = /^ip-(\d+)-(\d+)-(\d+)-(\d+)$/
    .exec(name.slice(0, -domain.length - 1))
    ?.slice(1)
    .join('.')
  if (address === undefined || !isIn(blocks, address)) return missing(domain, name === domain)
  return type === 'A' || type === 'ANY'
    ? found([{ type: 'A', name, ttl, data: address }])
    : missing(domain, true)
}
