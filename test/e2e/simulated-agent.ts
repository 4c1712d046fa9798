import { once } from 'node:events'
import { type ECSClient, RegisterContainerInstanceCommand } from '@aws-sdk/client-ecs'
import { WebSocket } from 'ws'
import { sign } from './sign.ts'

export const sessionUrl = (endpoint: string, path: '/acs/ws' | '/tcs/ws', instanceArn: string): URL => {
  const url = new URL(path, endpoint.replace('http', 'ws'))
  url.searchParams.set('clusterArn', 'default')
  url.searchParams.set('containerInstanceArn', instanceArn)
  url.searchParams.set('agentVersion', '1.105.1')
  url.searchParams.set('protocolVersion', '2')
  return url
}

/** Registers a host of 4 vCPU and 8 GiB, as the official agent does. Resolves with its ARN. */
export const registerHost = async (ecs: ECSClient): Promise<string> => {
  const integer = (name: string, integerValue: number) => ({ name, type: 'INTEGER', integerValue })
  const { containerInstance } = await ecs.send(
    new RegisterContainerInstanceCommand({
      totalResources: [integer('CPU', 4096), integer('MEMORY', 8192)],
    }),
  )
  return containerInstance?.containerInstanceArn ?? ''
}

/** Opens the command session of a host that listens and never does anything. */
export const connectHost = async (endpoint: string, instanceArn: string): Promise<WebSocket> => {
  const url = sessionUrl(endpoint, '/acs/ws', instanceArn)
  const socket = new WebSocket(url, { headers: sign(url, { method: 'GET' }) })
  await once(socket, 'open')
  return socket
}
