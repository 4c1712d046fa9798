/** The resolver's two services at its address: at port 53, or behind a rule that leads there. */
import { resolverAddress } from '@berth/model'
import { isTaken } from '../loopback-address.ts'
import { ensurePortRule, type LoopbackPortRule, removePortRule } from '../loopback-port-rule.ts'
import type { RunCommand } from '../metadata/index.ts'
import { serveConnections } from './connections.ts'
import { type DnsService, type DnsServiceParts, serveDatagrams } from './datagrams.ts'

export const dnsPort = 53

/** Where a program of the host has port 53 of every address, and so of this one. */
const rule: LoopbackPortRule = {
  table: 'berth-resolver',
  address: resolverAddress,
  protocols: ['udp', 'tcp'],
  from: dnsPort,
  to: 51_653,
}

const openAt = async (parts: DnsServiceParts, port: number): Promise<DnsService> => {
  const datagrams = await serveDatagrams(parts, resolverAddress, port)
  try {
    const connections = await serveConnections(parts, resolverAddress, port)
    return { port, close: async () => void (await Promise.all([datagrams.close(), connections.close()])) }
  } catch (error) {
    await datagrams.close()
    throw error
  }
}

const isPortInUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'

/** Rejects with a system error when another agent has the address, and with CommandError when the rule cannot be had. */
export const openServices = async (parts: DnsServiceParts, run: RunCommand): Promise<DnsService> => {
  try {
    return await openAt(parts, dnsPort)
  } catch (error) {
    if (!isPortInUse(error) || isTaken(resolverAddress)) throw error
  }
  const service = await openAt(parts, rule.to)
  try {
    await ensurePortRule(run, rule)
    return service
  } catch (error) {
    await service.close()
    throw error
  }
}

/** Idempotent: puts the rule back that leads to the service. */
export const verifyServices = async ({ port }: DnsService, run: RunCommand): Promise<void> => {
  if (port === rule.to) await ensurePortRule(run, rule)
}

export const removeServiceRule = async ({ port }: DnsService, run: RunCommand): Promise<void> => {
  if (port === rule.to) await removePortRule(run, rule)
}
