/** A host for tests: an engine in memory, a clock that stands still, and a control plane that notes what it is told. */
import type { PayloadContainer, PayloadTask, TaskStateChange } from '@berth/model'
import { createManualClock, type ManualClock } from '../clock.ts'
import { TaskCredentials } from '../credentials/task-credentials.ts'
import { FakeEngine, type FakeEngineOptions } from '../engine/fake-engine.ts'
import { createImages, createPullProgressBoard, type ImageSettings } from '../images/index.ts'
import { silentLog } from '../log.ts'
import { DestinationMissing, type LogSource } from '../logs/index.ts'
import { createMemoryStateStore, type StateStore } from '../state/state-store.ts'
import type { TaskResource } from './resources/task-resource.ts'
import { createTaskResources } from './resources/task-resources.ts'
import { Tasks } from './tasks.ts'

export const imageSettings: ImageSettings = {
  pullBehavior: 'default',
  pullsAtOnce: 4,
  pullInactivityMs: 60_000,
  registryAuths: new Map(),
}

export const image = 'example/app:1'
export const arnOf = (id: string): string => `arn:aws:ecs:us-east-1:000000000000:task/default/${id}`

export const container = (name: string, members: Partial<PayloadContainer> = {}): PayloadContainer => ({
  name,
  image,
  essential: true,
  cpu: 0,
  memory: 64,
  containerArn: `arn:aws:ecs:us-east-1:000000000000:container/${name}`,
  ...members,
})

export const payload = (
  id: string,
  containers: readonly PayloadContainer[] = [container('app')],
  members: Partial<PayloadTask> = {},
): PayloadTask => ({
  arn: arnOf(id),
  taskClusterArn: 'arn:aws:ecs:us-east-1:000000000000:cluster/default',
  desiredStatus: 'RUNNING',
  family: 'web',
  version: '7',
  overrides: '{}',
  containers,
  ...members,
})

export interface TestHost {
  readonly clock: ManualClock
  readonly engine: FakeEngine
  readonly store: StateStore
  tasks: Tasks
  readonly changes: TaskStateChange[]
  readonly followed: LogSource[]
  readonly forgottenLogs: string[]
  readonly logGroups: Set<string>
  logsDrained: () => Promise<void>
  /** Acknowledges all that was told so far; `autoAcknowledge` does so by itself. */
  acknowledge(): void
  autoAcknowledge: boolean
  /** Hands tasks over and lets everything settle. */
  give(...payloads: PayloadTask[]): Promise<void>
  settle(): Promise<void>
  /** The agent is killed, and started again with the same disk and engine. */
  restart(): Promise<void>
  statuses(id: string): (string | undefined)[]
  last(id: string): TaskStateChange | undefined
  stop(id: string): Promise<void>
}

interface TestHostOptions {
  readonly incarnation?: string
  readonly engine?: Partial<FakeEngineOptions>
  readonly store?: StateStore
  readonly resources?: readonly TaskResource[] | ((engine: FakeEngine) => readonly TaskResource[])
}

const resourcesOf = ({ resources: given = [] }: TestHostOptions, engine: FakeEngine, clock: ManualClock) => {
  const credentials = new TaskCredentials()
  const resources = typeof given === 'function' ? given(engine) : given
  return { credentials, resources: createTaskResources({ resources, credentials, clock, log: silentLog }) }
}

const imagesFor = (parts: Parameters<typeof createImages>[0]) => ({
  images: createImages(parts, imageSettings),
  pullProgress: createPullProgressBoard(parts.clock, () => {}),
  registryAuth: async () => undefined,
})

export const startTestHost = async (options: TestHostOptions = {}): Promise<TestHost> => {
  const clock = createManualClock()
  const engine = new FakeEngine({ clock, ...options.engine })
  engine.images.add(image)
  const store = options.store ?? createMemoryStateStore()
  store.setSetting('containerInstanceArn', 'instance-1')
  const changes: TaskStateChange[] = []
  const followed: LogSource[] = []
  const forgottenLogs: string[] = []
  const logGroups = new Set<string>()
  let waiting: (() => void)[] = []
  const start = async (): Promise<Tasks> => {
    const tasks: Tasks = new Tasks({
      engine,
      clock,
      store,
      log: silentLog,
      region: 'us-east-1',
      ...resourcesOf(options, engine, clock),
      agentLogging: { driver: 'json-file', options: {} },
      cleanupDelayMs: 600_000,
      ...imagesFor({ engine, clock, store, log: silentLog }),
      logs: {
        prepare: async ({ group }) => {
          if (!logGroups.has(group)) throw new DestinationMissing(group)
        },
        follow: source => void followed.push(source),
        drained: () => host.logsDrained(),
        forget: id => void forgottenLogs.push(id),
        stop: () => Promise.resolve(),
      },
      sink: {
        enqueue: (change, acknowledged) => {
          // What a killed agent's remains would still say is heard by nobody.
          if (host.tasks !== tasks) return
          changes.push(change)
          if (host.autoAcknowledge) acknowledged()
          else waiting.push(acknowledged)
        },
      },
    })
    host.tasks = tasks
    await tasks.start()
    tasks.enterIncarnation(options.incarnation ?? 'incarnation-1')
    return tasks
  }
  const host: TestHost = {
    clock,
    engine,
    store,
    changes,
    followed,
    forgottenLogs,
    logGroups,
    logsDrained: () => Promise.resolve(),
    tasks: undefined as never,
    autoAcknowledge: true,
    acknowledge: () => {
      for (const acknowledged of waiting) acknowledged()
      waiting = []
    },
    settle: () => clock.advance(0),
    give: async (...payloads) => {
      await host.tasks.receive(payloads)
      await clock.advance(0)
    },
    restart: async () => {
      host.tasks.stop()
      waiting = []
      await start()
      await clock.advance(0)
    },
    statuses: id =>
      changes.filter(change => change.taskArn === arnOf(id) && change.status).map(({ status }) => status),
    last: id => changes.filter(change => change.taskArn === arnOf(id)).at(-1),
    stop: async id => {
      const task = host.tasks.get(arnOf(id))
      if (task) await host.give({ ...task.payload, desiredStatus: 'STOPPED' })
    },
  }
  await start()
  return host
}
