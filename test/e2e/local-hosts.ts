import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Berth, docker, eventually } from './berth.ts'

/** What of a host these tests look at. */
export interface Listed {
  readonly name: string
  readonly state: 'on' | 'partitioned' | 'off'
  readonly zone: string
  readonly attributes: Readonly<Record<string, string>>
  readonly address: string
  readonly network: string
  readonly engine: string
  readonly containerInstanceArn?: string
  readonly agentConnected?: boolean
  readonly runningTasksCount?: number
}

const cgroups = '/sys/fs/cgroup'
/** Any hierarchy does: a host is in all of them. */
const hierarchy = existsSync(join(cgroups, 'cgroup.controllers')) ? cgroups : join(cgroups, 'memory')

const processesBelow = (directory: string): number[] => [
  ...readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number),
  ...readdirSync(directory, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) => processesBelow(join(directory, name))),
]

/** `berth hosts` of one Berth. */
export class LocalHosts {
  readonly #berth: Berth

  constructor(berth: Berth) {
    this.#berth = berth
  }

  /** What it printed; fails when the command does. */
  async run(...args: string[]): Promise<string> {
    return this.runWith({}, ...args)
  }

  async runWith(variables: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#berth.commandWith(variables, 'hosts', ...args, '--json')
    if (code !== 0) throw new Error(`berth hosts ${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }

  async list(): Promise<Listed[]> {
    return JSON.parse(await this.run('list'))
  }

  async host(name: string): Promise<Listed> {
    const host = (await this.list()).find(each => each.name === name)
    if (host === undefined) throw new Error(`no host ${name}`)
    return host
  }

  connected(name: string): Promise<Listed> {
    return eventually(`${name} is connected`, async () => {
      const host = await this.host(name)
      return host.agentConnected === true && host
    })
  }

  /** The host's engine. */
  docker(name: string, ...args: string[]): Promise<string> {
    return docker('-H', `unix://${this.directory(name)}/docker.sock`, ...args)
  }

  directory(name: string): string {
    return join(this.#berth.dataDir, 'hosts', name)
  }

  agentLog(name: string): string {
    return readFileSync(join(this.directory(name), 'log/agent.log'), 'utf8')
  }

  /** As if its disk, with the agent's key and memory, were that of another host. */
  copyIdentity(from: string, to: string): void {
    const record = (name: string) => join(this.directory(name), 'host.json')
    const { accessKeyId } = JSON.parse(readFileSync(record(from), 'utf8'))
    writeFileSync(
      record(to),
      JSON.stringify({ ...JSON.parse(readFileSync(record(to), 'utf8')), accessKeyId }),
    )
    cpSync(join(this.directory(from), 'agent'), join(this.directory(to), 'agent'), { recursive: true })
  }

  /** Ids of the containers that run there. */
  async containers(name: string): Promise<string[]> {
    const ids = await this.docker(name, 'ps', '-q', '--no-trunc')
    return ids.split('\n').filter(id => id !== '')
  }

  /** The machine's number of the one process of the host whose command line has this word. */
  async pid(name: string, word: string): Promise<number> {
    const { network } = await this.host(name)
    const pid = processesBelow(join(hierarchy, `${network}-${name}`)).find(each => {
      const [program = '', ...args] = readFileSync(`/proc/${each}/cmdline`, 'utf8').split('\0')
      return (
        program.endsWith(`/${word}`) ||
        program === word ||
        (program.endsWith('/node') && args.some(arg => arg.includes(`/${word}/`)))
      )
    })
    if (pid === undefined) throw new Error(`${word} does not run on ${name}`)
    return pid
  }

  /** The machine's number of a process that has this one on the host. */
  outerPid(name: string, { network }: Listed, inner: number): number {
    const pid = processesBelow(join(hierarchy, `${network}-${name}`)).find(each =>
      new RegExp(`^NSpid:\\s+${each}\\s+${inner}(\\s|$)`, 'm').test(
        readFileSync(`/proc/${each}/status`, 'utf8'),
      ),
    )
    if (pid === undefined) throw new Error(`${name} has no process ${inner}`)
    return pid
  }

  /** What there is of hosts of this data directory on the machine. */
  async left(): Promise<string[]> {
    const own = (text: string): string[] =>
      text.split('\n').filter(line => line.includes(this.#berth.dataDir))
    const namespaces = execFileSync('ip', ['netns'], { encoding: 'utf8' })
    return [
      ...own(execFileSync('ps', ['ax', '-o', 'args'], { encoding: 'utf8' })).filter(line =>
        /docker|containerd|haproxy/.test(line),
      ),
      ...own(readFileSync('/proc/self/mountinfo', 'utf8')),
      ...own(
        execFileSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'], { encoding: 'utf8' }),
      ),
      ...namespaces.split('\n').filter(line => this.#names.some(name => line.startsWith(name))),
      ...readdirSync(hierarchy).filter(entry => this.#names.some(name => entry.startsWith(name))),
    ]
  }

  #names: string[] = []

  /** Removes them all, however the tests have ended. */
  async removeAll(): Promise<void> {
    this.#names = (await this.list()).slice(0, 1).map(({ network }) => network)
    await this.run('remove', '--all')
  }
}
