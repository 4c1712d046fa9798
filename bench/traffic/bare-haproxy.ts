/** HAProxy as somebody who knows it would write its configuration by hand, before the same servers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePort } from '../../test/e2e/berth.ts'

const configurationOf = (port: number, servers: readonly string[]): string => `
global
  maxconn 4000
  nbthread 2
defaults
  mode http
  option forwardfor
  option redispatch 1
  retries 3
  retry-on conn-failure empty-response response-timeout
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend all
  bind 127.0.0.1:${port}
  default_backend servers
backend servers
  balance roundrobin
  option httpchk GET /
${servers.map((address, n) => `  server s${n} ${address} check inter 5s`).join('\n')}
`

export class BareHaproxy {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url
    this.#child = child
    this.#folder = folder
  }

  static async start(servers: readonly string[]): Promise<BareHaproxy> {
    const folder = mkdtempSync(join(tmpdir(), 'berth-bare-haproxy-'))
    const port = await freePort()
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(file, configurationOf(port, servers))
    const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' })
    const bare = new BareHaproxy(`http://127.0.0.1:${port}/`, child, folder)
    await eventually('the bare HAProxy answers', () =>
      fetch(bare.url).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    return bare
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
