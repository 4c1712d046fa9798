/** Whom the host itself asks, as its /etc/resolv.conf says. */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolverAddress } from './resolver-address.ts'

const file = '/etc/resolv.conf'
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

const readFromDisk = (): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Not there, or just being replaced: looked at again soon.
    return ''
  }
}

export const createHostResolvers = (
  now: () => number,
  read: () => string = readFromDisk,
): (() => readonly string[]) => {
  let known: readonly string[] = []
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    if (now() - readAt < rereadMs) return known
    readAt = now()
    known = nameserversOf(read())
    return known
  }
}
