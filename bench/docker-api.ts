import { Agent, request } from 'node:http'

/** The plain Docker Engine API over a Unix socket, as thin as it can be: the yardstick. */
export class DockerApi {
  readonly #socketPath: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 })

  constructor(socketPath = '/var/run/docker.sock') {
    this.#socketPath = socketPath
  }

  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.#socketPath,
          agent: this.#agent,
          method,
          path: `/v1.41${path}`,
          headers: { 'content-type': 'application/json' },
        },
        response => {
          const chunks: Buffer[] = []
          response.on('data', chunk => chunks.push(chunk))
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            if ((response.statusCode ?? 500) >= 400)
              reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`))
            else resolve((text === '' ? undefined : JSON.parse(text)) as T)
          })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  /** Creates and starts one container; resolves to its id. */
  async run(image: string, label: string, command: readonly string[] = ['sleep', '3600']): Promise<string> {
    const { Id } = await this.call<{ Id: string }>('POST', '/containers/create', {
      Image: image,
      Cmd: command,
      Labels: { [label]: '1' },
      HostConfig: { NetworkMode: 'bridge', Memory: 16 * 1024 * 1024, CpuShares: 10 },
    })
    await this.call('POST', `/containers/${Id}/start`)
    return Id
  }

  async removeLabelled(label: string): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }))
    const containers = await this.call<{ Id: string }[]>('GET', `/containers/json?all=1&filters=${filters}`)
    await Promise.all(containers.map(({ Id }) => this.call('DELETE', `/containers/${Id}?force=1`)))
  }

  close(): void {
    this.#agent.destroy()
  }
}
