import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import {
  type ContainerInstance,
  CreateClusterCommand,
  DescribeContainerInstancesCommand,
  ECSClient,
  ListContainerInstancesCommand,
} from '@aws-sdk/client-ecs'
import { lastSegment } from '@berth/model'
import { createCgroupFiles, parseMounts } from '../../packages/agent/src/cgroups/cgroup-files.ts'
import { tagOf } from '../../packages/agent/src/network/index.ts'
import {
  hostTable,
  instanceMetadataTable,
  namespacePrefix,
  overlayGuardTable,
} from '../../packages/agent/src/network/names.ts'
import { agentCommandLine, serverCommandLine } from '../../packages/cli/src/up/programs.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')
/** As the `berth` command has it. */
const compileCache = join(repository, 'node_modules/.cache/berth')

export const root = { accessKeyId: 'AKIAENDTOENDTESTROOT', secretAccessKey: 'end-to-end-test-secret' }
export const region = 'us-east-1'

/** Asks until the answer is there, and fails with what was asked for when it does not come. */
export const eventually = async <T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> => {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`This did not happen within ${timeoutMs} ms: ${what}`)
    await delay(50)
  }
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Variables of the programs besides those that every Berth of a test needs. */
export interface BerthVariables {
  readonly server?: NodeJS.ProcessEnv
  readonly agent?: NodeJS.ProcessEnv
}

export interface CommandEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A server and an agent in processes of their own, on a free port and a directory of their own. */
export class Berth {
  readonly port: number
  readonly dataDir: string
  readonly ecs: ECSClient
  readonly logs: CloudWatchLogsClient
  readonly #variables: BerthVariables
  readonly #agents = new Map<string, ChildProcess>()
  readonly #incarnations = new Set<string>()
  #server: ChildProcess | undefined

  private constructor(port: number, variables: BerthVariables) {
    this.port = port
    this.#variables = variables
    this.dataDir = mkdtempSync(join(tmpdir(), 'berth-e2e-'))
    this.ecs = new ECSClient(this.clientSettings)
    this.logs = new CloudWatchLogsClient(this.clientSettings)
  }

  /** For clients of other services. */
  get clientSettings() {
    return { endpoint: this.endpoint, region, credentials: root, maxAttempts: 5 }
  }

  /** With the cluster `default`, and this machine's agent in it. */
  static async start(variables: BerthVariables = {}): Promise<Berth> {
    const berth = await Berth.startAlone(variables)
    try {
      await berth.startAgent()
    } catch (error) {
      await berth.stop()
      throw error
    }
    return berth
  }

  /** Without any agent. */
  static async startAlone(variables: BerthVariables = {}): Promise<Berth> {
    const berth = new Berth(await freePort(), variables)
    try {
      await berth.startServer()
      await berth.ecs.send(new CreateClusterCommand({}))
    } catch (error) {
      await berth.stop()
      throw error
    }
    return berth
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      BERTH_PORT: String(this.port),
      BERTH_DATA_DIR: this.dataDir,
      BERTH_ROOT_ACCESS_KEY_ID: root.accessKeyId,
      BERTH_ROOT_SECRET_ACCESS_KEY: root.secretAccessKey,
      ...this.#variables.server,
    }
  }

  async startServer(): Promise<void> {
    this.#server = this.#spawn('server', serverCommandLine(), this.environment)
    await eventually('the server answers', async () => {
      if (this.#server?.exitCode !== null) throw new Error(`the server ended:\n${this.log('server')}`)
      return this.#health()
    })
    this.#incarnations.add((await this.incarnation()) ?? '')
  }

  /** Undefined while the server does not answer. */
  incarnation(): Promise<string | undefined> {
    return this.#health().then(health => health?.incarnation)
  }

  #health(): Promise<{ incarnation: string } | undefined> {
    return fetch(`${this.endpoint}/_berth/health`).then(
      response => (response.ok ? (response.json() as Promise<{ incarnation: string }>) : undefined),
      () => undefined,
    )
  }

  /** Agents of other names are other hosts to Berth, on the same Docker Engine. */
  async startAgent(
    name = 'agent',
    variables: NodeJS.ProcessEnv = this.#variables.agent ?? {},
  ): Promise<void> {
    // The key that the server makes for an agent is good for one instance.
    const key =
      name === 'agent' ? JSON.parse(readFileSync(join(this.dataDir, 'credentials.json'), 'utf8')).agent : root
    this.#agents.set(
      name,
      this.#spawn(name, agentCommandLine(), {
        ...process.env,
        NODE_COMPILE_CACHE: compileCache,
        BERTH_ENDPOINT: this.endpoint,
        BERTH_CLUSTER: 'default',
        BERTH_REGION: region,
        BERTH_AGENT_DATA_DIR: join(this.dataDir, name),
        BERTH_INSTANCE_ATTRIBUTES: `host=${name}`,
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        ...variables,
      }),
    )
    await this.agentConnected(name)
  }

  async agentConnected(name = 'agent'): Promise<void> {
    await eventually(`the agent ${name} is connected`, async () => {
      if (this.#agents.get(name)?.exitCode !== null) throw new Error(`the agent ended:\n${this.log(name)}`)
      return (await this.instance(name))?.agentConnected
    })
  }

  /** The container instance of an agent that is registered. */
  async instance(name = 'agent'): Promise<ContainerInstance | undefined> {
    const { containerInstanceArns = [] } = await this.ecs.send(
      new ListContainerInstancesCommand({ filter: `attribute:host == ${name}` }),
    )
    if (containerInstanceArns.length === 0) return undefined
    const { containerInstances } = await this.ecs.send(
      new DescribeContainerInstancesCommand({ containerInstances: containerInstanceArns }),
    )
    return containerInstances?.[0]
  }

  /** SIGKILL, at once. */
  async killServer(): Promise<void> {
    await kill(this.#server)
  }

  async killAgent(name = 'agent'): Promise<void> {
    await kill(this.#agents.get(name))
  }

  /** The process of an agent that runs. */
  agentPid(name = 'agent'): number {
    const pid = this.#agents.get(name)?.pid
    if (pid === undefined) throw new Error(`no agent ${name} runs`)
    return pid
  }

  /** The last lines that the server, or an agent, has printed. */
  log(program: string): string {
    return readFileSync(join(this.dataDir, `${program}.log`), 'utf8')
      .split('\n')
      .slice(-40)
      .join('\n')
  }

  /** Debian's own AWS CLI, with nothing but the environment that `berth env` gives (and the flag that 2.9 needs). */
  async aws(...args: string[]): Promise<string> {
    const { stdout } = await run('/usr/bin/aws', ['--endpoint-url', this.endpoint, ...args], {
      env: {
        PATH: '/usr/bin:/bin',
        HOME: this.dataDir,
        AWS_ACCESS_KEY_ID: root.accessKeyId,
        AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
        AWS_DEFAULT_REGION: region,
        AWS_PAGER: '',
      },
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout
  }

  async awsJson<T = Record<string, never>>(...args: string[]): Promise<T> {
    return JSON.parse(await this.aws(...args, '--output', 'json')) as T
  }

  /** The project's own command line against this Berth. */
  async command(...args: string[]): Promise<CommandEnd> {
    return this.commandWith({}, ...args)
  }

  async commandWith(variables: NodeJS.ProcessEnv, ...args: string[]): Promise<CommandEnd> {
    const child = spawn(join(repository, 'berth'), args, {
      env: { ...this.environment, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', chunk => {
      stdout += chunk
    })
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    const [code] = await once(child, 'close')
    return { code, stdout, stderr }
  }

  /** Stops the programs and removes every container that this Berth's agent started. */
  async stop(): Promise<void> {
    for (const agent of this.#agents.values()) await kill(agent)
    await kill(this.#server)
    for (const incarnation of this.#incarnations) await removeContainers(`berth.incarnation=${incarnation}`)
    for (const name of this.#agents.keys()) {
      endHaproxy(join(this.dataDir, name))
      await removeNetworks(join(this.dataDir, name))
    }
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  #spawn(name: string, commandLine: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const log = openSync(join(this.dataDir, `${name}.log`), 'a')
    try {
      return spawn(process.execPath, [...commandLine], { env, stdio: ['ignore', log, log] })
    } finally {
      closeSync(log)
    }
  }
}

const kill = async (child: ChildProcess | undefined): Promise<void> => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** It outlives its agent: its master and workers name the agent's directory in their command lines. */
const endHaproxy = (agentDirectory: string): void => {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name)))
    if (commandLineOf(pid).includes(join(agentDirectory, 'ingress'))) endProcess(Number(pid))
}

/** A worker may have ended with its master. */
const endProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Empty for a process that has ended meanwhile. */
const commandLineOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** What an agent of this machine leaves of the networks of VPCs: tasks outlive it. */
export const removeNetworks = async (agentDirectory: string): Promise<void> => {
  const tag = tagOf(agentDirectory)
  const { stdout } = await run('ip', ['netns', 'list'])
  for (const line of stdout.split('\n'))
    if (line.startsWith(namespacePrefix(tag))) await run('ip', ['netns', 'delete', line.split(' ')[0] ?? ''])
  const tables = [
    `ip ${hostTable(tag)}`,
    `ip6 ${hostTable(tag)}`,
    `inet ${overlayGuardTable(tag)}`,
    `inet ${instanceMetadataTable(tag)}`,
  ]
  // Adding first, so that one that is not there can be deleted as well.
  for (const table of tables) await run('nft', [`add table ${table}; delete table ${table}`])
}

export const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim()

/** Docker's list is behind its events; a single container is not. False for one that is not there. */
export const isRunning = (id: string): Promise<boolean> =>
  docker('inspect', '-f', '{{.State.Running}}', id).then(
    answer => answer === 'true',
    error => {
      if (!/No such object/.test(String(error))) throw error
      return false
    },
  )

/** What ends with the tasks of these containers besides them: volumes of the engine (`ecs-…`), and cgroups (`/ecs/TASK`). */
const heldBy = async (containers: readonly string[]): Promise<string[]> => {
  const format = '{{println .HostConfig.CgroupParent}}{{range .Mounts}}{{println .Name}}{{end}}'
  const names = await docker('inspect', '-f', format, ...containers).catch(error => {
    // An agent has just removed one: the next round asks again.
    if (!/No such (object|container)/i.test(String(error))) throw error
    return ''
  })
  return names.split('\n').filter(name => /^\/?ecs[-/]/.test(name))
}

const removeVolume = (name: string): Promise<unknown> =>
  docker('volume', 'rm', name).catch(error => {
    if (!/no such volume/i.test(String(error))) throw error
  })

const version = existsSync('/sys/fs/cgroup/cgroup.controllers') ? '2' : '1'
const cgroups = createCgroupFiles(async () =>
  parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'), version),
)

/** With what else their tasks had; also those that an agent is removing at the same time. */
export const removeContainers = async (label: string): Promise<void> => {
  const held = new Set<string>()
  await eventually(`no container has the label ${label}`, async () => {
    const ids = (await docker('ps', '-aq', '--filter', `label=${label}`)).split('\n').filter(id => id !== '')
    if (ids.length === 0) return true
    for (const name of await heldBy(ids)) held.add(name)
    await docker('rm', '-f', ...ids).catch(error => {
      if (!/already in progress|No such container/.test(String(error))) throw error
    })
    return false
  })
  for (const name of held)
    await (name.startsWith('/') ? cgroups.remove(lastSegment(name)) : removeVolume(name))
}
