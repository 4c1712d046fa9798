/** Finds the address at which other hosts reach this one. */
import { lookup } from 'node:dns/promises'
import { isIPv6 } from 'node:net'
import type { RunCommand } from '../metadata/index.ts'
import { shortIpv6 } from './addresses.ts'
import type { Underlay } from './underlay.ts'

export interface UnderlaySettings {
  /** The operator's word; empty: the address by which the control plane is reached. */
  readonly underlayAddress: string
  /** The control plane's URL. */
  readonly endpoint: string
}

interface AddressRow {
  readonly mtu?: number
  readonly flags?: readonly string[]
  readonly addr_info?: readonly { readonly local?: string; readonly family?: string }[]
}

interface RouteRow {
  readonly dev?: string
  readonly prefsrc?: string
}

const usualMtu = 1500
const loopback = '127.0.0.1'
/** Nothing is sent there: it only asks which way the outside is. (RFC 5737) */
const somewhereElse = '192.0.2.1'

const rowsOf = async <Row>(run: RunCommand, ...args: string[]): Promise<readonly Row[]> => {
  try {
    const rows: unknown = JSON.parse(await run('ip', ['-json', ...args]))
    return Array.isArray(rows) ? rows : []
  } catch {
    // There is no such route, or no such address.
    return []
  }
}

const sourceTowards = async (run: RunCommand, address: string): Promise<string | undefined> => {
  const [route] = await rowsOf<RouteRow>(run, 'route', 'get', address)
  return route?.dev === 'lo' ? undefined : route?.prefsrc
}

const serverAddress = async (endpoint: string): Promise<string | undefined> => {
  const host = new URL(endpoint).hostname.replace(/^\[(.*)\]$/, '$1')
  return lookup(host).then(
    ({ address }) => address,
    () => undefined,
  )
}

/** A machine that is in no network at all runs tasks, too. */
const ownAddress = async (run: RunCommand, endpoint: string): Promise<string> => {
  const server = await serverAddress(endpoint)
  return (
    (server === undefined ? undefined : await sourceTowards(run, server)) ??
    (await sourceTowards(run, somewhereElse)) ??
    loopback
  )
}

const mtuOf = async (run: RunCommand, address: string): Promise<number> => {
  const rows = await rowsOf<AddressRow>(run, 'address', 'show', 'to', address)
  const row = rows.find(({ addr_info = [] }) => addr_info.some(({ local }) => local === address))
  return row?.mtu === undefined || row.flags?.includes('LOOPBACK') ? usualMtu : row.mtu
}

export const readUnderlay = async (run: RunCommand, settings: UnderlaySettings): Promise<Underlay> => {
  const given = settings.underlayAddress || (await ownAddress(run, settings.endpoint))
  const address = isIPv6(given) ? shortIpv6(given) : given
  return { address, mtu: await mtuOf(run, address) }
}
