/** Addresses that agents have on the loopback interface of their host, so that containers on a bridge reach them there. */
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { RunCommand } from './metadata/index.ts'

/** Idempotent. */
export const ensureLoopbackAddress = async (run: RunCommand, address: string): Promise<void> => {
  if (networkInterfaces()['lo']?.some(known => known.address === address)) return
  await run('ip', ['address', 'replace', `${address}/32`, 'dev', 'lo', 'scope', 'host'])
}

/** Unless another agent of this host still needs it. */
export const removeLoopbackAddress = async (run: RunCommand, address: string): Promise<void> => {
  if (isTaken(address)) return
  await run('ip', ['address', 'delete', `${address}/32`, 'dev', 'lo'])
}

/** The state of a socket that listens, as the kernel writes it in /proc/net/tcp. */
const listening = '0A'

/** As the kernel writes addresses there: 169.254.170.2 is `02AAFEA9`. */
const inHex = (address: string): string =>
  Buffer.from(address.split('.').map(Number).reverse()).toString('hex').toUpperCase()

export const isListenedOn = (socketTable: string, address: string): boolean =>
  socketTable.split('\n').some(line => {
    const [, local = '', , state] = line.trim().split(/\s+/)
    return local.startsWith(`${inHex(address)}:`) && state === listening
  })

/** Whether another agent of this host is at the address. */
export const isTaken = (address: string): boolean =>
  isListenedOn(readFileSync('/proc/net/tcp', 'utf8'), address)
