/** The resolver over TCP: bounded in connections, in what each may ask at once, and in how long it may be silent. (RFC 7766) */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { DnsService, DnsServiceParts } from './datagrams.ts'
import { TcpFrames, tcpFrame } from './tcp-frames.ts'

const mostConnections = 256
/** Of one asker, so that it does not take them all. */
const mostOfOneAddress = 64
const mostUnanswered = 32
const silentMs = 10_000

/** One connection: reads on only while few of its questions are open and it takes its answers. */
const converse = (socket: Socket, { resolve, asker, onFault }: DnsServiceParts): void => {
  const frames = new TcpFrames()
  const from = socket.remoteAddress ?? ''
  const waiting: Buffer[] = []
  let unanswered = 0
  let isEnded = false
  const isBusy = (): boolean => unanswered >= mostUnanswered || socket.writableNeedDrain

  const answer = async (query: Buffer): Promise<void> => {
    unanswered += 1
    try {
      const found = await resolve(query, 'tcp', asker(from))
      if (found && !socket.destroyed) socket.write(tcpFrame(found))
      // What cannot be read as a query is no conversation.
      else socket.destroy()
    } catch (error) {
      onFault(error)
      socket.destroy()
    } finally {
      unanswered -= 1
      goOn()
    }
  }
  const goOn = (): void => {
    while (!isBusy() && !socket.destroyed) {
      const next = waiting.shift()
      if (!next) {
        if (isEnded && unanswered === 0) socket.end()
        socket.resume()
        return
      }
      void answer(next)
    }
  }

  socket.setTimeout(silentMs, () => socket.destroy())
  socket.on('data', chunk => {
    socket.pause()
    waiting.push(...frames.take(chunk))
    goOn()
  })
  socket.on('drain', goOn)
  // It asks no more, and may still wait for answers.
  socket.on('end', () => {
    isEnded = true
    goOn()
  })
  // It went away: its answers go nowhere.
  socket.on('error', () => socket.destroy())
}

/** Rejects with a system error when the address cannot be had. */
export const serveConnections = async (
  parts: DnsServiceParts,
  address: string,
  port: number,
): Promise<DnsService> => {
  const open = new Map<string, Set<Socket>>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    const from = socket.remoteAddress ?? ''
    const alike = open.get(from) ?? new Set<Socket>()
    if (alike.size >= mostOfOneAddress) {
      socket.destroy()
      return
    }
    open.set(from, alike.add(socket))
    socket.on('close', () => {
      alike.delete(socket)
      if (alike.size === 0 && open.get(from) === alike) open.delete(from)
    })
    converse(socket, parts)
  })
  server.maxConnections = mostConnections
  server.listen(port, address)
  await once(server, 'listening')
  server.on('error', parts.onFault)
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const sockets of open.values()) for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
