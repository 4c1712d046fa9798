/** The resolver over UDP. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Asker } from './name-table.ts'
import type { Resolve } from './resolver.ts'

export interface DnsService {
  readonly port: number
  close(): Promise<void>
}

export interface DnsServiceParts {
  readonly resolve: Resolve
  /** Who an address is. */
  readonly asker: (address: string) => Asker
  /** A query could not be answered for a fault of ours; the asker comes again. */
  readonly onFault: (error: unknown) => void
}

/** Answers that the kernel has not taken yet: more than that are thrown away, as the network would. */
const mostQueuedBytes = 1 << 20

/** Rejects with a system error when the address cannot be had. */
export const serveDatagrams = async (
  { resolve, asker, onFault }: DnsServiceParts,
  address: string,
  port: number,
): Promise<DnsService> => {
  const socket = createSocket('udp4')
  const send = (answer: Buffer | undefined, to: { address: string; port: number }): void => {
    // No answer can be sent to port 0, which some datagrams say that they come from.
    if (!answer || isClosed || to.port === 0 || socket.getSendQueueSize() > mostQueuedBytes) return
    // Whoever asked may be gone.
    socket.send(answer, to.port, to.address, () => {})
  }
  let isClosed = false
  socket.on('message', (bytes, from) => {
    try {
      const answer = resolve(bytes, 'udp', asker(from.address))
      if (answer instanceof Promise) answer.then(found => send(found, from)).catch(onFault)
      else send(answer, from)
    } catch (error) {
      onFault(error)
    }
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  socket.on('error', onFault)
  return {
    port: socket.address().port,
    close: async () => {
      isClosed = true
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
