/** The resolver of a host: answers for its containers, from what the control plane told it, also while that is away. */
import { randomInt } from 'node:crypto'
import { resolverAddress } from '@berth/model'
import type { Clock } from '../clock.ts'
import type { Facts } from '../facts/index.ts'
import type { Log } from '../log.ts'
import { ensureLoopbackAddress, removeLoopbackAddress } from '../loopback-address.ts'
import type { RunCommand } from '../metadata/index.ts'
import { Forwarder } from './forwarder.ts'
import { createHostResolvers } from './host-resolvers.ts'
import { keepOpen } from './keep-open.ts'
import { type Asker, NameTable } from './name-table.ts'
import { dnsPort, openServices, removeServiceRule, verifyServices } from './open-services.ts'
import { createResolver } from './resolver.ts'
import { createAskServer } from './upstream.ts'
import { privateDomainOf } from './vpc-names.ts'

export type { Asker } from './name-table.ts'

export interface Dns {
  stop(): Promise<void>
}

export interface DnsParts {
  readonly clock: Clock
  readonly log: Log
  readonly run: RunCommand
  readonly facts: Facts
  readonly region: string
  /** Who queries from an address. */
  readonly askerOf: (address: string) => Asker
}

const mostIds = 65_536

/** Resolves once it answers, or the log says why it does not; then it is tried again and again. */
export const startDns = async ({ clock, log, run, facts, region, askerOf }: DnsParts): Promise<Dns> => {
  const names = new NameTable(facts.of('names').values())
  const unwatch = facts.watch('names', change => names.change(change))
  const hostResolvers = createHostResolvers(() => clock.now())
  const forwarder = new Forwarder({
    clock,
    nameServers: () => hostResolvers().map(address => ({ address, port: dnsPort })),
    askServer: createAskServer(() => randomInt(mostIds)),
  })
  const parts = {
    resolve: createResolver({ names, forwarder, privateDomain: privateDomainOf(region) }),
    asker: askerOf,
    onFault: (error: unknown) => log.error({ error: String(error) }, 'a question to the resolver failed'),
  }
  const service = keepOpen({
    clock,
    log,
    ensureAddress: () => ensureLoopbackAddress(run, resolverAddress),
    verify: opened => verifyServices(opened, run),
    removeAddress: async opened => {
      await removeServiceRule(opened, run)
      await removeLoopbackAddress(run, resolverAddress)
    },
    open: () => openServices(parts, run),
  })
  await service.opened
  return {
    stop: async () => {
      unwatch()
      forwarder.stop()
      await service.stop()
    },
  }
}
