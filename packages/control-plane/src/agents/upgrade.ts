/** The HTTP upgrade of agents, and of data channels: who asks is verified before anything is believed. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { AwsError, type Identity, splitUrl, toHttpRequest, verifySignature } from '@berth/aws-api'
import type { ExecRelay } from '../exec/exec-relay.ts'
import { createChannelAcceptor } from '../exec/web-socket-channel.ts'
import { reachedEndpoint } from '../services/ecs/reached-endpoint.ts'
import { readSessionRequest } from './admission.ts'
import type { AgentGateway } from './gateway.ts'
import { createWebSocketAcceptor } from './websocket.ts'

export type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** For the HTTP server's `upgrade` event; answers every other path with 404. */
export const createUpgradeHandler = (gateway: AgentGateway, exec: ExecRelay): HandleUpgrade => {
  const accept = createWebSocketAcceptor(error =>
    gateway.log.error({ err: error }, 'A frame of an agent could not be handled'),
  )
  const acceptChannel = createChannelAcceptor(error =>
    gateway.log.error({ err: error }, 'A message of an ECS Exec session could not be handled'),
  )
  return (request, socket, head) => {
    // A peer that goes away during the upgrade ends it; there is nobody left to tell.
    socket.on('error', () => socket.destroy())
    try {
      const { path, query } = splitUrl(request.url ?? '')
      if (path === '/acs/ws') openAcs(query)
      else if (path === '/tcs/ws') openTcs(query)
      else if (path === '/exec/ws') openExec(query)
      else if (path.startsWith(dataChannelPath)) openDataChannel(path.slice(dataChannelPath.length))
      else refuse(socket, 404, 'BadRequestException', 'There is no such path.')
    } catch (error) {
      void refuseOnceDurable(gateway, socket, error)
    }

    function openAcs(query: string): void {
      const session = { ...readSessionRequest(query), endpoint: reachedEndpoint(request.headers) }
      gateway.admit(identify(gateway, request), 'ecs:Poll', session)
      accept(request, socket, head, connection => gateway.openAcs(connection, session))
    }

    function openTcs(query: string): void {
      const session = readSessionRequest(query)
      const identity = identify(gateway, request)
      gateway.admit(identity, 'ecs:StartTelemetrySession', session)
      const { url, sourceAddress } = toHttpRequest(request, new Uint8Array())
      accept(request, socket, head, connection =>
        gateway.openTcs(connection, identity, session, { url, sourceAddress }),
      )
    }

    function openExec(query: string): void {
      const identity = identify(gateway, request)
      const sessionId = new URLSearchParams(query).get('sessionId') ?? ''
      acceptChannel(request, socket, head, channel => exec.openAgent(channel, sessionId, identity))
    }

    /** The client signs nothing: the token in its first message is what lets it in. */
    function openDataChannel(sessionId: string): void {
      acceptChannel(request, socket, head, channel => exec.openClient(channel, sessionId))
    }
  }
}

/** Where ExecuteCommand sends clients. */
const dataChannelPath = '/v1/data-channel/'

/** A refusal tells what rows say: an agent that hears of its deregistration forgets who it was. */
const refuseOnceDurable = async (gateway: AgentGateway, socket: Duplex, error: unknown): Promise<void> => {
  try {
    await gateway.durable()
  } catch {
    // The journal has failed, which is reported for all: nobody may be told what it has not kept.
    socket.destroy()
    return
  }
  if (error instanceof AwsError) refuse(socket, error.statusCode ?? 400, error.code, error.message)
  else {
    gateway.log.error({ err: error }, 'An upgrade failed')
    refuse(socket, 500, 'ServerException', 'The server failed.')
  }
}

const identify = (gateway: AgentGateway, request: IncomingMessage): Identity => {
  const { identity, service } = verifySignature(toHttpRequest(request, new Uint8Array()), gateway.signature)
  if (service === 'ecs') return identity
  throw new AwsError('InvalidSignatureException', "Credential should be scoped to correct service: 'ecs'.")
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** In the form that the official agent reads: an object whose one key is the exception. */
const refuse = (socket: Duplex, statusCode: number, type: string, message: string): void => {
  const body = JSON.stringify({ [type]: message })
  // The peer need not close its side, and nothing else would ever end this one.
  socket.once('finish', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${statusCode} ${reasons[statusCode] ?? 'Error'}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
