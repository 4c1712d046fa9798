import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks } from './tasks.ts'

/** Something on this machine that a log driver sends to, and what it was sent. */
interface Receiver {
  readonly port: number
  text(): string
  close(): void
}

const overUdp = async (): Promise<Receiver> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  const parts: Buffer[] = []
  socket.on('message', message => parts.push(message))
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    text: () => Buffer.concat(parts).toString(),
    close: () => socket.close(),
  }
}

const overTcp = async (): Promise<Receiver> => {
  const parts: Buffer[] = []
  const server = createServer(socket => {
    socket.on('data', chunk => parts.push(chunk))
    socket.on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, text: () => Buffer.concat(parts).toString(), close: () => server.close() }
}

const overHttp = async (): Promise<Receiver> => {
  let text = ''
  const server = createHttpServer((request, response) => {
    request.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
    request.on('end', () => response.end('{}'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, text: () => text, close: () => server.close() }
}

const drivers = [
  ['syslog', overUdp, (port: number) => ({ 'syslog-address': `udp://127.0.0.1:${port}`, tag: 'mine' })],
  [
    'gelf',
    overUdp,
    (port: number) => ({ 'gelf-address': `udp://127.0.0.1:${port}`, 'gelf-compression-type': 'none' }),
  ],
  ['fluentd', overTcp, (port: number) => ({ 'fluentd-address': `127.0.0.1:${port}`, tag: 'mine' })],
  [
    'splunk',
    overHttp,
    (port: number) => ({
      'splunk-url': `http://127.0.0.1:${port}`,
      'splunk-token': '00000000-0000-0000-0000-000000000000',
      'splunk-verify-connection': 'false',
      'splunk-gzip': 'false',
    }),
  ],
] as const

describe('the log driver', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const script = 'echo "a line for the log"'

  it.each(drivers)(
    '%s sends what the container prints, as its options say',
    async (logDriver, receive, optionsOf) => {
      const receiver = await receive()
      try {
        const stopped = await tasks.toEnd([
          { script, logConfiguration: { logDriver, options: optionsOf(receiver.port) } },
        ])
        expect(stopped.containers).toMatchObject([{ exitCode: 0 }])
        await eventually('the line arrives', async () => receiver.text().includes('a line for the log'))
      } finally {
        receiver.close()
      }
    },
  )

  it('json-file keeps as much as its options say', async () => {
    const options = { 'max-size': '1m', 'max-file': '2' }
    const stopped = await tasks.toEnd([{ script, logConfiguration: { logDriver: 'json-file', options } }])
    const id = runtimeIdOf(stopped)
    expect(await docker('logs', id)).toBe('a line for the log')
    const [found] = JSON.parse(await docker('inspect', id)) as { HostConfig: { LogConfig: object } }[]
    expect(found?.HostConfig.LogConfig).toEqual({ Type: 'json-file', Config: options })
  })

  it('journald writes to the journal of the host, or says that there is none', async () => {
    const stopped = await tasks.toEnd([{ script, logConfiguration: { logDriver: 'journald' } }])
    const [container] = stopped.containers ?? []
    if (container?.exitCode !== 0)
      expect(container?.reason).toMatch(
        /^Cannot\w+ContainerError: Error response from daemon: .*journald is not enabled on this host/,
      )
  })

  it('with an option that the engine does not know fails the task, in the engine\u2019s words', async () => {
    const options = { nonsense: 'x' }
    const stopped = await tasks.toEnd([{ script, logConfiguration: { logDriver: 'json-file', options } }])
    expect(stopped.containers?.[0]?.reason).toMatch(
      /^CannotCreateContainerError: Error response from daemon: .*nonsense/,
    )
  })

  it('that ECS does not know is refused', async () => {
    for (const logDriver of ['local', 'none', 'gcplogs'])
      await expect(
        tasks.define([{ script, logConfiguration: { logDriver: logDriver as 'syslog' } }]),
      ).rejects.toThrow(logDriver)
  })
})
