import {
  CreateClusterCommand,
  DescribeContainerInstancesCommand,
  type ECSClient,
  ListContainerInstancesCommand,
} from '@aws-sdk/client-ecs'
import { ecsClient } from '../clients.ts'
import { type Configuration, endpointOf } from '../configuration.ts'
import { CommandFailure } from '../failures.ts'
import { readHealth } from '../health.ts'
import { readHosts } from '../hosts/host-records.ts'
import { LocalHosts, namesOf } from '../hosts/local-hosts.ts'
import { profileName, writeProfile } from '../profile.ts'
import type { Program } from './program.ts'
import { agentProgram, serverProgram } from './programs.ts'
import { clearRunState, holdDataDir, makeDirectories, writeRunState } from './run-state.ts'
import { deploySample, sampleService } from './sample.ts'
import { buildSampleImage } from './sample-image.ts'
import { until } from './waiting.ts'

export interface UpOptions {
  readonly configuration: Configuration
  /** Deploy the sample service, behind a load balancer that listens here. */
  readonly samplePort: number | undefined
  readonly note: (text: string) => void
}

/** What the user needs to know once everything runs. */
export interface Summary {
  readonly endpoint: string
  readonly profile: string
  readonly configFile: string
  readonly credentialsFile: string
  readonly dataDir: string
  readonly sampleUrl?: string
}

export const summaryOf = (configuration: Configuration, sampleUrl: string | undefined): Summary => ({
  endpoint: endpointOf(configuration),
  profile: profileName,
  ...writeProfile(configuration),
  dataDir: configuration.dataDir,
  ...(sampleUrl === undefined ? {} : { sampleUrl }),
})

/** Server and agent of one machine, started in this order and stopped in the other. */
export class BerthUp {
  readonly #options: UpOptions
  readonly #programs: { stop(): Promise<void> }[] = []
  readonly #stopped = new AbortController()
  #release: (() => void) | undefined

  constructor(options: UpOptions) {
    this.#options = options
  }

  async start(): Promise<Summary> {
    const { configuration, samplePort, note } = this.#options
    makeDirectories(configuration.dataDir)
    this.#release = holdDataDir(configuration.dataDir)
    const state = { pid: process.pid, port: configuration.port }
    writeRunState(configuration.dataDir, state)
    await this.#startServer()
    const client = ecsClient(configuration)
    await client.send(new CreateClusterCommand({}))
    await this.#startAgent(client)
    await this.#startHosts()
    const sampleUrl = samplePort === undefined ? undefined : await this.#startSample(client, samplePort)
    if (sampleUrl !== undefined) writeRunState(configuration.dataDir, { ...state, sampleUrl })
    note(`Berth is up: ${endpointOf(configuration)}`)
    return summaryOf(configuration, sampleUrl)
  }

  /** Also while it starts: nothing is started after this. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    // Without the hold the hosts and the run state are those of another `berth up`.
    if (this.#release !== undefined) await this.#stopHosts()
    for (const program of this.#programs.splice(0).reverse()) await program.stop()
    if (this.#release === undefined) return
    clearRunState(this.#options.configuration.dataDir)
    this.#release()
    this.#release = undefined
  }

  #run(program: Pick<Program, 'start' | 'stop'>): void {
    this.#stopped.signal.throwIfAborted()
    this.#programs.push(program)
    program.start()
  }

  /** Until the answer is true; a program that ends again and again is given up before the time is over. */
  async #await(program: Program, question: () => Promise<boolean>, complaint: string): Promise<void> {
    const told = () => `${complaint} The end of its log:\n${program.logTail()}`
    const ask = async (): Promise<boolean> => {
      if (program.isHopeless) throw new CommandFailure(told())
      return await question()
    }
    await until(ask, { timeoutMs: 30_000, complaint: told, signal: this.#stopped.signal })
  }

  async #startServer(): Promise<void> {
    const { configuration, note } = this.#options
    if ((await readHealth(configuration, 500)) !== undefined)
      throw new CommandFailure(
        `Another Berth answers at ${endpointOf(configuration)} already, and \`berth up\` did not start it. Stop it, or choose another port with --port.`,
      )
    note(`Starting the server on port ${configuration.port}; its data is in ${configuration.dataDir}`)
    const server = serverProgram(configuration, note)
    this.#run(server)
    const answers = async () => (await readHealth(configuration)) !== undefined
    await this.#await(server, answers, 'The server did not come up.')
  }

  async #startAgent(client: ECSClient): Promise<void> {
    const { configuration, note } = this.#options
    note('Starting the agent')
    const agent = agentProgram(configuration, note)
    this.#run(agent)
    await this.#await(agent, () => hasConnectedInstance(client), 'The agent did not join the cluster.')
  }

  /** Local hosts are machines of their own: one that does not start is no reason for the others not to. */
  async #startHosts(): Promise<void> {
    const { configuration, note } = this.#options
    if (readHosts(configuration.dataDir).length === 0) return
    this.#stopped.signal.throwIfAborted()
    try {
      const hosts = await new LocalHosts(configuration, note).powerOnWanted()
      if (hosts.length > 0) note(`Switched on ${namesOf(hosts)}`)
    } catch (error) {
      note(`Not all local hosts are on: ${(error as Error).message}`)
    }
  }

  async #stopHosts(): Promise<void> {
    const { configuration, note } = this.#options
    if (readHosts(configuration.dataDir).length === 0) return
    try {
      await new LocalHosts(configuration, note).powerOffAll()
      note('Switched the local hosts off, and with them their tasks')
    } catch (error) {
      note(`Not all local hosts are off: ${(error as Error).message}`)
    }
  }

  /** Resolves to its URL, which answers. */
  async #startSample(client: ECSClient, port: number): Promise<string> {
    const { configuration, note } = this.#options
    const { signal } = this.#stopped
    // The clients of EC2 and Elastic Load Balancing take long to load, and nothing else of the command line needs them.
    const { makeSampleLoadBalancer, sampleLoadBalancerAddress } = await import('./sample-load-balancer.ts')
    if (await buildSampleImage()) note('Built the sample image')
    const loadBalancer = await makeSampleLoadBalancer(configuration, port)
    const made = await deploySample(client, configuration.region, loadBalancer)
    note(
      made
        ? `Deployed the service ${sampleService} behind a load balancer; waiting for its tasks`
        : `The service ${sampleService} is deployed`,
    )
    const seen = { url: undefined as string | undefined }
    const answeredUrl = async (): Promise<string | undefined> => {
      const address = await sampleLoadBalancerAddress(configuration, loadBalancer)
      seen.url = address && `http://${address}:${port}/`
      return seen.url !== undefined && (await answers(seen.url, signal)) ? seen.url : undefined
    }
    const complaint = () =>
      `${seen.url === undefined ? "No host carries the sample's load balancer" : `The sample service does not answer at ${seen.url}`}. See \`berth status\`, \`berth events ${sampleService}\` and the logs in ${configuration.dataDir}/log.`
    return await until(answeredUrl, { timeoutMs: 120_000, complaint, signal })
  }
}

const answers = (url: string, stopped: AbortSignal): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.any([stopped, AbortSignal.timeout(2_000)]) }).then(
    response => response.ok,
    () => false,
  )

const hasConnectedInstance = async (client: ECSClient): Promise<boolean> => {
  const { containerInstanceArns } = await client.send(new ListContainerInstancesCommand({ status: 'ACTIVE' }))
  if (containerInstanceArns === undefined || containerInstanceArns.length === 0) return false
  const { containerInstances } = await client.send(
    new DescribeContainerInstancesCommand({ containerInstances: containerInstanceArns.slice(0, 100) }),
  )
  return containerInstances?.some(instance => instance.agentConnected) ?? false
}
