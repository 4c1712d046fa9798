/** Which ports of this host nobody listens on. */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

export type Protocol = 'tcp' | 'udp'

export interface HostPorts {
  /** Ports that the host hands out by itself. */
  readonly first: number
  readonly last: number
  isFree(port: number, protocol: Protocol): Promise<boolean>
}

/** Linux's own default. */
const defaultRange = [32_768, 60_999] as const

const ephemeralRange = (): readonly [number, number] => {
  const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)
  const range = [Number(first), Number(last)] as const
  return range.every(port => Number.isInteger(port) && port > 0) ? range : defaultRange
}

const canListen = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '0.0.0.0' }, () => server.close(() => resolve(true)))
  })

const canReceive = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = createSocket('udp4')
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(true)))
  })

export const createHostPorts = (): HostPorts => {
  const [first, last] = ephemeralRange()
  return {
    first,
    last,
    isFree: (port, protocol) => (protocol === 'udp' ? canReceive(port) : canListen(port)),
  }
}
