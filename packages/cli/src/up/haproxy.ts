import { connect } from 'node:net'

/** How many targets the forwarder can have at a time: HAProxy's servers are allocated at its start. */
export const slotCount = 64

/** A forwarder's whole configuration: one address in front of slots that the runtime API fills. */
export const haproxyConfiguration = (address: string, socketPath: string): string => `global
  stats socket ${socketPath} mode 600 level admin
  maxconn 2000

defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout queue 5s
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response response-timeout

frontend sample
  bind ${address}
  default_backend sample

backend sample
  balance roundrobin
  server-template slot 1-${slotCount} 127.0.0.1:9 disabled
`

/** Sends commands to HAProxy's runtime API and resolves to its answer. Rejects when it does not answer in 2 s. */
export const runtimeCommand = (socketPath: string, commands: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    let answer = ''
    socket.setTimeout(2_000, () => socket.destroy(new Error('HAProxy does not answer on its runtime socket')))
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.once('error', reject)
    socket.once('end', () => resolve(answer.trim()))
    socket.end(`${commands.join(';')}\n`)
  })
