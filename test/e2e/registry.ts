import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { docker, eventually, freePort } from './berth.ts'
import { busybox } from './busybox.ts'

const run = promisify(execFile)

const registryUser = { username: 'berth', password: 'right' }
/** `right`, as htpasswd writes it. */
const passwordHash = '$2y$05$abcdefghijklmnopqrstuu8xaCxxL82bnl.UY74PMksDxIJShppPC'

/** Debian's docker-registry on a loopback port, with TLS of its own certificate and a password. */
export class Registry {
  readonly host: string
  readonly #directory: string
  readonly #process: ChildProcess

  private constructor(port: number, directory: string) {
    this.host = `127.0.0.1:${port}`
    this.#directory = directory
    this.#process = spawn('docker-registry', ['serve', join(directory, 'config.yml')], {
      stdio: 'ignore',
      // The engine of another test run may forward proxies.
      env: { PATH: process.env['PATH'] },
    })
  }

  /** Docker tries a loopback registry that refuses TLS again without, and tells what that said: `plain` shows the refusal itself. */
  static async start(kind: 'tls' | 'plain' = 'tls'): Promise<Registry> {
    const port = await freePort()
    const directory = mkdtempSync(join(tmpdir(), 'berth-registry-'))
    writeFileSync(join(directory, 'htpasswd'), `${registryUser.username}:${passwordHash}\n`)
    writeFileSync(join(directory, 'config.yml'), configuration(port, directory, kind))
    if (kind === 'tls') makeCertificate(directory)
    const registry = new Registry(port, directory)
    try {
      await eventually('the registry answers', async () => {
        const scheme = kind === 'tls' ? 'https' : 'http'
        return (await statusOf(`${scheme}://${registry.host}/v2/`)) === '401'
      })
    } catch (error) {
      await registry.stop()
      throw error
    }
    return registry
  }

  /** Pushes an image whose label is its content, with as many bytes that do not compress, and takes every trace of it from the engine. Returns its digest. */
  async push(name: string, content: string, bytes = 0): Promise<string> {
    const image = `${this.host}/${name}`
    const container = await docker('create', busybox, 'sh', '-c', `head -c ${bytes} /dev/urandom > /bulk`)
    try {
      if (bytes > 0) await docker('start', '-a', container)
      await docker('commit', '-c', `LABEL berth-test=${content}`, container, image)
    } finally {
      await docker('rm', container)
    }
    const pushed = await docker('--config', this.#dockerConfiguration(), 'push', image)
    const digest = /digest: (sha256:[0-9a-f]+)/.exec(pushed)?.[1]
    if (digest === undefined) throw new Error(`no digest in ${pushed}`)
    await this.remove(name)
    return digest
  }

  /** Pulls by hand. */
  async pull(name: string): Promise<void> {
    await docker('--config', this.#dockerConfiguration(), 'pull', `${this.host}/${name}`)
  }

  /** Takes an image of this registry from the engine, as an operator would. */
  async remove(name: string): Promise<void> {
    await docker('rmi', '-f', `${this.host}/${name}`)
  }

  /** The data of the host's own key, as `docker login` writes it. */
  get authData(): string {
    const { username, password } = registryUser
    return JSON.stringify({
      [this.host]: { auth: Buffer.from(`${username}:${password}`).toString('base64') },
    })
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      const exited = once(this.#process, 'exit')
      this.#process.kill()
      await exited
    }
    rmSync(this.#directory, { recursive: true, force: true })
    const left = await docker('images', '-q', '--filter', `reference=${this.host}/*/*`)
    const ids = [...new Set(left.split('\n').filter(Boolean))]
    if (ids.length > 0) await docker('rmi', '-f', ...ids)
  }

  #dockerConfiguration(): string {
    writeFileSync(join(this.#directory, 'config.json'), `{"auths":${this.authData}}`)
    return this.#directory
  }
}

/** By curl, which can be told not to mind the certificate. */
const statusOf = (url: string): Promise<string> =>
  run('curl', ['-sk', '-o', '/dev/null', '-w', '%{http_code}', url]).then(
    ({ stdout }) => stdout,
    () => '',
  )

const configuration = (port: number, directory: string, kind: 'tls' | 'plain'): string => `version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: ${directory}/data}}
auth: {htpasswd: {realm: berth, path: ${directory}/htpasswd}}
http:
  addr: 127.0.0.1:${port}
${kind === 'tls' ? `  tls: {certificate: ${directory}/cert.pem, key: ${directory}/key.pem}` : ''}
`

const makeCertificate = (directory: string): void => {
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')],
    ],
    { stdio: 'ignore' },
  )
}
