/** Makes the endpoints reachable from containers, and keeps them so. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Cancel, Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { ensureLoopbackAddress, removeLoopbackAddress } from '../loopback-address.ts'
import { ensurePortRule, removePortRule } from '../loopback-port-rule.ts'
import { CommandError, type RunCommand } from './command.ts'
import { linkLocalAddress, standardPort, standardRule } from './link-local-address.ts'

export interface EndpointListener {
  /** The base of every URL, for instance `http://169.254.170.2`. */
  readonly origin: string
  readonly port: number
  /** Containers that are running keep their URLs, and get no answers until the agent is back. */
  stop(): Promise<void>
}

export interface EndpointListenerOptions {
  readonly server: Server
  readonly run: RunCommand
  readonly clock: Clock
  readonly log: Log
  /** The port that this agent's running containers know. */
  readonly knownPort: number | undefined
}

const repairMs = 10_000
/** For further agents on one host. */
const otherPorts = Array.from({ length: 100 }, (_, index) => standardPort + 1 + index)

/** Rejects with CommandError, or a system error, when this host gives the agent no address or no port. */
export const openListener = async (options: EndpointListenerOptions): Promise<EndpointListener> => {
  const { server, run, knownPort } = options
  await ensureLoopbackAddress(run, linkLocalAddress)
  const wanted = [...(knownPort === undefined ? [] : [knownPort]), standardPort, ...otherPorts]
  const port = await firstFree(options, wanted)
  const stopRepairing = repairRegularly(options, port)
  return {
    origin: port === standardPort ? `http://${linkLocalAddress}` : `http://${linkLocalAddress}:${port}`,
    port,
    stop: async () => {
      await stopRepairing()
      await close(server)
      try {
        if (port === standardPort) await removePortRule(run, standardRule)
        await removeLoopbackAddress(run, linkLocalAddress)
      } catch (error) {
        options.log.warn({ error: String(error) }, 'the address of the task endpoints stays on the host')
      }
    },
  }
}

const close = async (server: Server): Promise<void> => {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** The standard port is of no use without the rule, which some host may not be able to have. */
const firstFree = async (
  { server, run, log }: EndpointListenerOptions,
  ports: readonly number[],
): Promise<number> => {
  for (const port of ports) {
    if (!(await listen(server, port))) continue
    if (port !== standardPort) return port
    try {
      await ensurePortRule(run, standardRule)
      return port
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      log.warn(
        { reason: error.message },
        'port 80 of the task endpoints cannot be had: containers are told another one',
      )
      await close(server)
    }
  }
  throw new Error(`no port of ${linkLocalAddress} from ${standardPort} on is free for the task endpoints`)
}

/** False when another program has the port. */
const listen = async (server: Server, port: number): Promise<boolean> => {
  try {
    server.listen(port, linkLocalAddress)
    await once(server, 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
}

/** Somebody may load the firewall anew, or take the address away. Once its end resolves, nothing is made any more. */
const repairRegularly = (
  { run, clock, log }: EndpointListenerOptions,
  port: number,
): (() => Promise<void>) => {
  let cancel: Cancel = () => {}
  let isStopped = false
  let repairing = Promise.resolve()
  const repair = async (): Promise<void> => {
    try {
      await ensureLoopbackAddress(run, linkLocalAddress)
      if (port === standardPort) await ensurePortRule(run, standardRule)
    } catch (error) {
      log.warn({ error: String(error) }, 'the task endpoints cannot be reached')
    }
    if (!isStopped) schedule()
  }
  const schedule = (): void => {
    cancel = clock.after(repairMs, () => {
      repairing = repair()
    })
  }
  schedule()
  return () => {
    isStopped = true
    cancel()
    return repairing
  }
}
