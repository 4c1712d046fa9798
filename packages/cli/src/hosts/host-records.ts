import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CommandFailure } from '../failures.ts'

export interface HostAttribute {
  readonly name: string
  readonly value: string
}

/** A local host, as `berth hosts add` made it and later commands have left it. */
export interface HostRecord {
  readonly name: string
  /** The last byte of its address, and what its name ends with. */
  readonly number: number
  readonly cluster: string
  readonly zone: string
  readonly attributes: readonly HostAttribute[]
  /** Its agent's; the secret follows from the root's. */
  readonly accessKeyId: string
  /** False once somebody has switched it off: `berth up` leaves it so. */
  readonly isWantedOn: boolean
  readonly isPartitioned: boolean
  readonly createdAt: string
}

/** Its container instance says by this attribute which local host it is. */
export const hostAttribute = 'berth.host'

export const mostHosts = 250

const directoryOf = (dataDir: string): string => join(dataDir, 'hosts')

export const hostDirectory = (dataDir: string, name: string): string => join(directoryOf(dataDir), name)

/** Where the host's engine can be reached from the machine. */
export const engineSocket = (dataDir: string, name: string): string =>
  join(hostDirectory(dataDir, name), 'docker.sock')

/** Of what every data directory has of its own on the machine: network namespaces and cgroups. */
export const machineName = (dataDir: string, host?: string): string => {
  const own = `berth-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`
  return host === undefined ? own : `${own}-${host}`
}

export const filesOf = (dataDir: string) => ({
  directory: directoryOf(dataDir),
  lock: join(directoryOf(dataDir), 'lock'),
  proxyConfiguration: join(directoryOf(dataDir), 'endpoint.cfg'),
  proxyPid: join(directoryOf(dataDir), 'endpoint.pid'),
  images: join(directoryOf(dataDir), 'images.json'),
})

export const readHosts = (dataDir: string): HostRecord[] => {
  const directory = directoryOf(dataDir)
  if (!existsSync(directory)) return []
  return readdirSync(directory, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) => {
      const file = join(directory, name, 'host.json')
      return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')) as HostRecord] : []
    })
    .sort((a, b) => a.number - b.number)
}

const writeWhole = (file: string, value: unknown): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

export const writeHost = (dataDir: string, host: HostRecord): void => {
  writeWhole(join(hostDirectory(dataDir, host.name), 'host.json'), host)
}

export const forgetHost = (dataDir: string, name: string): void =>
  rmSync(hostDirectory(dataDir, name), { recursive: true, force: true })

/** With the last host: whoever adds one later begins anew. */
export const forgetEverything = (dataDir: string): void => {
  const { proxyConfiguration, images } = filesOf(dataDir)
  for (const file of [proxyConfiguration, images]) rmSync(file, { force: true })
}

/** What was loaded into the hosts, so that later ones get it, too. */
export const readImages = (dataDir: string): string[] => {
  const file = filesOf(dataDir).images
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : []
}

export const rememberImages = (dataDir: string, images: readonly string[]): void =>
  writeWhole(filesOf(dataDir).images, [...new Set([...readImages(dataDir), ...images])])

/** The lowest numbers that no host has. */
export const freeNumbers = (hosts: readonly HostRecord[], count: number): number[] => {
  const taken = new Set(hosts.map(({ number }) => number))
  const free: number[] = []
  for (let number = 1; free.length < count && number <= mostHosts; number++)
    if (!taken.has(number)) free.push(number)
  return free
}

const patienceMs = 120_000
const SQLITE_BUSY = 5

/** One command at a time changes hosts; others wait. The lock goes with the process, however that ends. */
export const withHostsLocked = async <T>(
  dataDir: string,
  run: () => Promise<T>,
  waitAtMostMs = patienceMs,
): Promise<T> => {
  mkdirSync(directoryOf(dataDir), { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(filesOf(dataDir).lock, { timeout: waitAtMostMs })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return await run()
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new CommandFailure(`Another \`berth hosts\` still works on the hosts of ${dataDir}.`)
  } finally {
    lock.close()
  }
}
