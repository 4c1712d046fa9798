/**
 * Whom the host itself asks, as its /etc/resolv.conf says. Where that is the stub of systemd-resolved, those whom it asks: it may
 * have been told to ask this resolver.
 */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolverAddress } from '@berth/model'

const file = '/etc/resolv.conf'
const stubs = ['127.0.0.53', '127.0.0.54']
const fileBehindStub = '/run/systemd/resolve/resolv.conf'
/** As a VPC's tasks know it; leads here as well. */
const vpcResolver = '169.254.169.253'
/** How long what was read is good for. */
const rereadMs = 5_000

/** Pure. The addresses that a resolv.conf names, those of Berth left out: nothing may be asked in a circle. */
export const nameserversOf = (text: string): string[] =>
  text
    .split('\n')
    .flatMap(line => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
    .filter(address => isIP(address.replace(/%.*$/, '')) !== 0)
    .filter(address => address !== resolverAddress && address !== vpcResolver)

const readFromDisk = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Not there, or just being replaced: looked at again soon.
    return ''
  }
}

export const createHostResolvers = (
  now: () => number,
  read: (file: string) => string = readFromDisk,
): (() => readonly string[]) => {
  let known: readonly string[] = []
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    if (now() - readAt < rereadMs) return known
    readAt = now()
    const servers = nameserversOf(read(file))
    const behind = servers.every(server => stubs.includes(server)) ? nameserversOf(read(fileBehindStub)) : []
    known = behind.length > 0 ? behind : servers
    return known
  }
}
