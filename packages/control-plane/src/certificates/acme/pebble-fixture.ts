/** For tests: Pebble, a small authority that speaks ACME, on ports of its own, with a DNS that knows one address for every name. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface Pebble {
  readonly directoryUrl: string
  /** The authority that its own certificate is of: itself. */
  readonly caFile: string
  /** What it has said so far. */
  readonly lines: readonly string[]
  stop(): Promise<void>
}

export interface PebbleOptions {
  /** Where it looks for what answers it. */
  readonly address: string
  readonly httpPort: number
  /** By the id of external accounts: their keys. */
  readonly externalAccounts?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const writeFiles = (directory: string, port: number, options: PebbleOptions): void => {
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const files = ['-keyout', 'key.pem', '-out', 'certificate.pem']
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...files], { cwd: directory, stdio: 'pipe' })
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    certificate: join(directory, 'certificate.pem'),
    privateKey: join(directory, 'key.pem'),
    httpPort: options.httpPort,
    tlsPort: 1,
    ...(options.externalAccounts && {
      externalAccountBindingRequired: true,
      externalAccountMACKeys: options.externalAccounts,
    }),
  }
  writeFileSync(join(directory, 'pebble.json'), JSON.stringify({ pebble }))
}

const accepts = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

export const startPebble = async (options: PebbleOptions): Promise<Pebble> => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-pebble-'))
  const [port, dnsPort, managementPort] = [await freePort(), await freePort(), await freePort()]
  writeFiles(directory, port, options)
  const none = ['-http01', '', '-https01', '', '-tlsalpn01', '']
  const dns = spawn(
    'pebble-challtestsrv',
    [
      ...['-dns01', `127.0.0.1:${dnsPort}`, '-management', `127.0.0.1:${managementPort}`],
      ...['-defaultIPv4', options.address, '-defaultIPv6', '', ...none],
    ],
    { stdio: 'ignore' },
  )
  const pebble = spawn(
    'pebble',
    ['-config', join(directory, 'pebble.json'), '-dnsserver', `127.0.0.1:${dnsPort}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '5', ...options.environment },
    },
  )
  const stop = async () => {
    await Promise.all([ended(pebble), ended(dns)])
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', () => {
    for (const child of [pebble, dns]) child.kill('SIGKILL')
  })
  const lines: string[] = []
  const listening = Promise.withResolvers<void>()
  createInterface({ input: pebble.stdout }).on('line', line => {
    lines.push(line)
    if (line.includes('Listening on')) listening.resolve()
  })
  for (const child of [pebble, dns]) {
    child.once('error', listening.reject)
    child.once('exit', () => listening.reject(new Error(`It has ended: ${lines.join('\n')}`)))
  }
  try {
    await listening.promise
    // It says so a moment before it does.
    while (!(await accepts(port)) && pebble.exitCode === null) await nextTurn()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    directoryUrl: `https://127.0.0.1:${port}/dir`,
    caFile: join(directory, 'certificate.pem'),
    lines,
    stop,
  }
}
