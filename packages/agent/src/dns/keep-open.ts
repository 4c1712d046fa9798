/**
 * Keeps the resolver at its address: somebody may take the address away, and another agent of this host, which has it first, may
 * end.
 */
import { resolverAddress } from '@berth/model'
import type { Cancel, Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { DnsService } from './datagrams.ts'

export interface KeptOpen {
  /** After the first attempt, whatever came of it. */
  readonly opened: Promise<void>
  stop(): Promise<void>
}

export interface KeepOpenParts {
  readonly clock: Clock
  readonly log: Log
  /** Idempotent, as are those below. */
  readonly ensureAddress: () => Promise<void>
  /** Puts back what leads to the service. */
  readonly verify: (service: DnsService) => Promise<void>
  readonly removeAddress: (service: DnsService) => Promise<void>
  /** Rejects with a system error when the address cannot be had. */
  readonly open: () => Promise<DnsService>
}

const repairMs = 10_000

export const keepOpen = (parts: KeepOpenParts): KeptOpen => {
  const { clock, log, ensureAddress, verify, removeAddress, open } = parts
  let service: DnsService | undefined
  let isStopped = false
  let complaint = ''
  let cancel: Cancel = () => {}
  const ensure = async (): Promise<void> => {
    try {
      await ensureAddress()
      if (service) {
        await verify(service)
        return
      }
      service = await open()
      log.info({ address: resolverAddress }, 'the resolver answers')
    } catch (error) {
      // Said once: on a host of several agents, one of them has the address for long.
      if (String(error) !== complaint)
        log.warn({ error: String(error) }, 'this host has no resolver of this agent')
      complaint = String(error)
    }
  }
  const ensureRegularly = async (): Promise<void> => {
    await ensure()
    if (isStopped) return
    cancel = clock.after(repairMs, () => {
      ensuring = ensureRegularly()
    })
  }
  let ensuring = ensureRegularly()
  return {
    opened: ensuring,
    stop: async () => {
      isStopped = true
      cancel()
      await ensuring
      if (!service) return
      await service.close()
      try {
        await removeAddress(service)
      } catch (error) {
        log.warn({ error: String(error) }, 'the address of the resolver stays on the host')
      }
    },
  }
}
