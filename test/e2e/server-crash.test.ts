import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from './berth.ts'
import { ServerProcess, type ServerSettings, seededRandom } from './server-process.ts'
import { connectHost, registerHost } from './simulated-agent.ts'

/** BERTH_CRASH_SEED and BERTH_CRASH_ROUNDS repeat a run, or make a longer one. */
const seed = Number(process.env['BERTH_CRASH_SEED'] ?? 1)
const rounds = Number(process.env['BERTH_CRASH_ROUNDS'] ?? 12)

const clusterArn = 'arn:aws:ecs:us-east-1:000000000000:cluster/default'
const workers = 8

/** What somebody was told, by the answer to a write or to a read: it must be true for ever after. */
class Told {
  readonly clusters = new Set<string>()
  readonly activeRevisions = new Set<string>()
  readonly inactiveRevisions = new Set<string>()
  readonly services = new Set<string>()
  readonly stoppedTasks = new Set<string>()
  readonly logLines = new Set<string>()
  /** The value of a tag only grows, and each key has one writer. */
  readonly tags = new Map<string, number>()

  tag(key: string, value: number): void {
    this.tags.set(key, Math.max(value, this.tags.get(key) ?? 0))
  }

  revision(arn: string, status: string): void {
    if (status === 'ACTIVE') this.activeRevisions.add(arn)
    else this.inactiveRevisions.add(arn)
  }
}

interface Actor {
  readonly ecs: ECSClient
  readonly logs: CloudWatchLogsClient
  readonly told: Told
  readonly random: () => number
  readonly name: string
}

let serial = 0
const fresh = (prefix: string): string => `${prefix}-${++serial}`

const register = async ({ ecs }: Actor, family: string): Promise<string> => {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      containerDefinitions: [{ name: 'main', image: 'none', memory: 6 }],
    }),
  )
  return taskDefinition?.taskDefinitionArn ?? ''
}

const readTags = async ({ ecs, told }: Actor): Promise<Map<string, number>> => {
  const { tags = [] } = await ecs.send(new ListTagsForResourceCommand({ resourceArn: clusterArn }))
  for (const { key = '', value } of tags) told.tag(key, Number(value))
  return new Map(tags.map(({ key = '', value }) => [key, Number(value)]))
}

const readRevisions = async ({ ecs }: Actor, status: 'ACTIVE' | 'INACTIVE'): Promise<string[]> => {
  const arns: string[] = []
  let nextToken: string | undefined
  do {
    const page = await ecs.send(new ListTaskDefinitionsCommand({ status, ...(nextToken && { nextToken }) }))
    arns.push(...(page.taskDefinitionArns ?? []))
    nextToken = page.nextToken
  } while (nextToken)
  return arns
}

const readClusters = async ({ ecs }: Actor): Promise<string[]> => {
  const arns: string[] = []
  let nextToken: string | undefined
  do {
    const page = await ecs.send(new ListClustersCommand(nextToken ? { nextToken } : {}))
    arns.push(...(page.clusterArns ?? []))
    nextToken = page.nextToken
  } while (nextToken)
  return arns.map(arn => arn.split('/')[1] ?? '')
}

const readServices = async ({ ecs }: Actor): Promise<string[]> => {
  const names: string[] = []
  let nextToken: string | undefined
  do {
    const page = await ecs.send(new ListServicesCommand({ maxResults: 10, ...(nextToken && { nextToken }) }))
    const { serviceArns = [] } = page
    if (serviceArns.length > 0) {
      const { services = [] } = await ecs.send(new DescribeServicesCommand({ services: serviceArns }))
      names.push(...services.map(({ serviceName = '' }) => serviceName))
    }
    nextToken = page.nextToken
  } while (nextToken)
  return names
}

const readLogs = async ({ logs }: Actor, stream: string): Promise<string[]> => {
  const lines: string[] = []
  let nextToken: string | undefined
  for (;;) {
    const page = await logs.send(
      new GetLogEventsCommand({
        logGroupName: 'crash',
        logStreamName: stream,
        startFromHead: true,
        ...(nextToken && { nextToken }),
      }),
    )
    lines.push(...(page.events ?? []).map(({ message = '' }) => message))
    if (page.nextForwardToken === nextToken) return lines
    nextToken = page.nextForwardToken
  }
}

const writes: readonly ((actor: Actor) => Promise<void>)[] = [
  async ({ ecs, told }) => {
    const clusterName = fresh('cluster')
    await ecs.send(new CreateClusterCommand({ clusterName }))
    told.clusters.add(clusterName)
  },
  async actor => {
    actor.told.activeRevisions.add(await register(actor, `family-${actor.name}`))
  },
  async actor => {
    const arn = await register(actor, fresh('retired'))
    await actor.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }))
    actor.told.inactiveRevisions.add(arn)
  },
  async ({ ecs, told }) => {
    const serviceName = fresh('service')
    await ecs.send(
      new CreateServiceCommand({
        serviceName,
        taskDefinition: 'sleeper',
        desiredCount: 0,
        launchType: 'EC2',
      }),
    )
    told.services.add(serviceName)
  },
  async ({ ecs, told, name }) => {
    const value = ++serial
    await ecs.send(
      new TagResourceCommand({ resourceArn: clusterArn, tags: [{ key: name, value: String(value) }] }),
    )
    told.tag(name, value)
  },
  async ({ logs, told, name }) => {
    const lines = Array.from({ length: 5 }, () => fresh(`line-of-${name}`))
    await logs.send(
      new PutLogEventsCommand({
        logGroupName: 'crash',
        logStreamName: name,
        logEvents: lines.map(message => ({ message, timestamp: Date.now() })),
      }),
    )
    for (const line of lines) told.logLines.add(line)
  },
  async ({ ecs, told }) => {
    const { tasks = [] } = await ecs.send(new RunTaskCommand({ taskDefinition: 'sleeper' }))
    const task = tasks[0]?.taskArn
    if (task === undefined) return
    await ecs.send(new StopTaskCommand({ task }))
    told.stoppedTasks.add(task)
  },
]

/** What a read shows counts as told only once the read has been answered. */
const reads: readonly ((actor: Actor) => Promise<void>)[] = [
  async actor => {
    for (const name of await readClusters(actor)) actor.told.clusters.add(name)
  },
  async actor => {
    for (const name of await readServices(actor)) actor.told.services.add(name)
  },
  async actor => {
    await readTags(actor)
  },
  async actor => {
    for (const status of ['INACTIVE', 'ACTIVE'] as const)
      for (const arn of await readRevisions(actor, status)) actor.told.revision(arn, status)
  },
  async actor => {
    const stream = `w${Math.floor(actor.random() * workers)}`
    for (const line of await readLogs(actor, stream)) actor.told.logLines.add(line)
  },
]

const isConnectionError = (error: unknown): boolean =>
  error instanceof Error &&
  ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(String(Reflect.get(error, 'code')))

/** Calls until the server is gone; any refusal by a server that lives is a failure of the test. */
const work = async (actor: Actor): Promise<void> => {
  for (;;) {
    const calls = actor.random() < 0.7 ? writes : reads
    const call = calls[Math.floor(actor.random() * calls.length)]
    try {
      await call?.(actor)
    } catch (error) {
      if (isConnectionError(error)) return
      throw error
    }
  }
}

const missing = (told: ReadonlySet<string>, found: readonly string[]): string[] => {
  const present = new Set(found)
  return [...told].filter(item => !present.has(item))
}

const check = async (actor: Actor): Promise<void> => {
  const { told, ecs } = actor
  const lines: string[] = []
  for (let n = 0; n < workers; n++) lines.push(...(await readLogs(actor, `w${n}`)))
  const active = await readRevisions(actor, 'ACTIVE')
  const inactive = await readRevisions(actor, 'INACTIVE')
  // A copy, because reading tags notes what it reads.
  const oldTags = new Map(told.tags)
  const tags = await readTags(actor)
  const stopped: string[] = []
  for (let from = 0; from < told.stoppedTasks.size; from += 100) {
    const { tasks = [] } = await ecs.send(
      new DescribeTasksCommand({ tasks: [...told.stoppedTasks].slice(from, from + 100) }),
    )
    for (const { taskArn = '', desiredStatus } of tasks)
      if (desiredStatus === 'STOPPED') stopped.push(taskArn)
  }
  expect({
    clusters: missing(told.clusters, await readClusters(actor)),
    services: missing(told.services, await readServices(actor)),
    revisions: missing(told.activeRevisions, [...active, ...inactive]),
    retired: missing(told.inactiveRevisions, inactive),
    stopped: missing(told.stoppedTasks, stopped),
    lines: missing(told.logLines, lines),
    doubledLines: lines.length - new Set(lines).size,
    tags: [...oldTags].filter(([key, value]) => (tags.get(key) ?? 0) < value),
  }).toEqual({
    clusters: [],
    services: [],
    revisions: [],
    retired: [],
    stopped: [],
    lines: [],
    doubledLines: 0,
    tags: [],
  })
}

let settings: ServerSettings
let server: ServerProcess
let host: string
beforeAll(async () => {
  settings = { port: await freePort(), dataDir: mkdtempSync(join(tmpdir(), 'berth-crash-')) }
  server = await ServerProcess.start(settings)
  const [ecs, logs] = [server.ecs(), server.logs()]
  await ecs.send(new CreateClusterCommand({}))
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'sleeper',
      containerDefinitions: [{ name: 'main', image: 'none', memory: 6 }],
    }),
  )
  host = await registerHost(ecs)
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'crash' }))
  for (let n = 0; n < workers; n++)
    await logs.send(new CreateLogStreamCommand({ logGroupName: 'crash', logStreamName: `w${n}` }))
})
afterAll(async () => {
  await server?.end()
  rmSync(settings.dataDir, { recursive: true, force: true })
})

it('shows after kill -9 everything that an answer told before', async () => {
  const random = seededRandom(seed)
  const told = new Told()
  for (let round = 1; round <= rounds; round++) {
    await connectHost(server.endpoint, host)
    const actors = Array.from({ length: workers }, (_, n) => ({
      ecs: server.ecs(),
      logs: server.logs(),
      told,
      random: seededRandom(seed * 1_000_000 + round * 1_000 + n),
      name: `w${n}`,
    }))
    const working = Promise.all(actors.map(work))
    await Promise.race([delay(100 + random() * 700), working])
    await server.end('SIGKILL')
    await working
    server = await ServerProcess.start(settings)
    await check({ ...actors[0]!, ecs: server.ecs(), logs: server.logs() })
  }
  // Otherwise the rounds were too short to prove anything.
  for (const kind of [told.clusters, told.services, told.stoppedTasks, told.activeRevisions, told.logLines])
    expect(kind.size).toBeGreaterThan(rounds)
})
