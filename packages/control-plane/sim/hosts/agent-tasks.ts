/** What a simulated agent does for its tasks: from payloads to containers, and from containers to reports. */
import type {
  AttachmentStatus,
  ContainerStateChange,
  PayloadContainer,
  PayloadTask,
  TaskManifestMessage,
  TaskStateChange,
} from '@berth/model'
import type { Cancel } from '../world.ts'
import type { Disk, DiskTask } from './disk.ts'
import type { SimContainer, SimEngine } from './engine.ts'

/** Manifests come once a minute; their arrival is not exact. */
const MINUTE_MS = 59_000

export interface AgentTasksOptions {
  readonly disk: Disk
  readonly engine: SimEngine
  readonly after: (delayMs: number, run: () => void) => Cancel
  readonly now: () => number
  /** What the host takes for the time. */
  readonly clock: () => number
  /** How long a pull takes, in milliseconds. */
  readonly pullMs: () => number
  /** What a pull of this image gets. */
  readonly pull: (image: string) => string
  /** There is a new report on the disk. */
  readonly reported: () => void
}

export class AgentTasks {
  readonly #options: AgentTasksOptions
  readonly #pulling = new Set<string>()
  /** When a manifest first did not name a task whose containers nobody here knows. */
  readonly #unnamedSince = new Map<string, number>()

  constructor(options: AgentTasksOptions) {
    this.#options = options
  }

  /** Takes up what an earlier life of the agent left behind. */
  start(): void {
    this.#options.engine.listener = container => {
      const task = this.#options.disk.tasks.get(container.taskArn)
      if (task !== undefined) this.#step(task)
    }
    for (const task of this.#options.disk.tasks.values()) {
      this.#step(task)
      if (task.phase === 'over') this.#detach(task)
    }
  }

  receive(payloads: readonly PayloadTask[]): void {
    const stopsFirst = [...payloads].sort((a, b) => Number(isRun(a)) - Number(isRun(b)))
    for (const payload of stopsFirst) this.#receiveOne(payload)
  }

  /** The tasks of this incarnation that run although a manifest does not name them. */
  applyManifest(manifest: TaskManifestMessage): readonly DiskTask[] {
    const named = new Set<string>()
    for (const { taskArn, desiredStatus } of manifest.tasks) {
      named.add(taskArn)
      if (desiredStatus === 'STOPPED') this.requestStop(taskArn)
    }
    this.#removeOrphans(named)
    const { disk } = this.#options
    return [...disk.tasks.values()].filter(
      task =>
        task.incarnation === disk.incarnation &&
        task.desired === 'RUNNING' &&
        task.phase !== 'over' &&
        !named.has(task.arn),
    )
  }

  /** Containers of this incarnation that two manifests a minute apart do not name. */
  #removeOrphans(named: ReadonlySet<string>): void {
    const { disk, engine, now } = this.#options
    for (const arn of named) this.#unnamedSince.delete(arn)
    for (const container of [...engine.containers.values()]) {
      const { taskArn, incarnation } = container
      if (disk.tasks.has(taskArn) || named.has(taskArn) || incarnation !== disk.incarnation) continue
      const since = this.#unnamedSince.get(taskArn) ?? now()
      this.#unnamedSince.set(taskArn, since)
      if (now() - since >= MINUTE_MS) engine.remove(container)
    }
  }

  requestStop(arn: string): void {
    const task = this.#options.disk.tasks.get(arn)
    if (task === undefined) return
    task.desired = 'STOPPED'
    this.#step(task)
  }

  #receiveOne(payload: PayloadTask): void {
    const { disk, engine } = this.#options
    const known = disk.tasks.get(payload.arn)
    if (known !== undefined) {
      if (known.phase === 'over') this.#report(known, { ...this.#stoppedChange(known), status: 'STOPPED' })
      if (!isRun(payload)) this.requestStop(payload.arn)
      return
    }
    const task: DiskTask = {
      arn: payload.arn,
      clusterArn: payload.taskClusterArn,
      incarnation: disk.incarnation ?? '',
      payload,
      desired: isRun(payload) ? 'RUNNING' : 'STOPPED',
      phase: engine.of(payload.arn).length > 0 ? 'handed' : 'waiting',
      toldStatus: undefined,
      toldContainers: new Map(),
      digests: new Map(),
      pullStartedAt: undefined,
      pullStoppedAt: undefined,
    }
    disk.tasks.set(task.arn, task)
    this.#step(task)
  }

  #step(task: DiskTask): void {
    if (task.phase === 'waiting') this.#stepWaiting(task)
    else if (task.phase === 'handed') this.#stepHanded(task)
  }

  #stepWaiting(task: DiskTask): void {
    if (task.desired === 'STOPPED') {
      task.phase = 'over'
      this.#report(task, { taskArn: task.arn, status: 'STOPPED', containers: [] })
      return
    }
    if (this.#pulling.has(task.arn)) return
    this.#pulling.add(task.arn)
    task.pullStartedAt ??= this.#options.clock()
    this.#options.after(this.#options.pullMs(), () => {
      this.#pulling.delete(task.arn)
      if (task.phase !== 'waiting' || task.desired === 'STOPPED') return
      task.phase = 'handed'
      task.pullStoppedAt = this.#options.clock()
      this.#attach(task)
      for (const { name, image } of task.payload.containers) task.digests.set(name, this.#options.pull(image))
      if (task.payload.resolvesImages) this.#reportImages(task)
      this.#attachVolumes(task)
      for (const container of task.payload.containers) this.#run(task, container)
    })
  }

  #attachVolumes(task: DiskTask): void {
    const { engine, disk } = this.#options
    for (const { ebs } of task.payload.volumes ?? [])
      if (ebs)
        engine.attach({ ...ebs, taskArn: task.arn, containerInstanceArn: disk.containerInstanceArn ?? '' })
    const attached = engine
      .volumesOf(task.arn)
      .map(({ attachmentId }) => ({ attachmentArn: attachmentId, status: 'ATTACHED' as const }))
    if (attached.length > 0) this.#report(task, { taskArn: task.arn, containers: [], attachments: attached })
  }

  /** Other tasks wait for it. */
  #reportImages(task: DiskTask): void {
    const containers = task.payload.containers.map(({ name }) => ({
      containerName: name,
      status: 'PENDING' as const,
      imageDigest: task.digests.get(name) ?? '',
    }))
    this.#report(task, { taskArn: task.arn, containers, imagesResolved: true })
  }

  #attach(task: DiskTask): void {
    if (interfaceOf(task.payload) === undefined) return
    task.isAttached = true
    this.#report(task, { taskArn: task.arn, containers: [], attachments: attachments(task, 'ATTACHED') })
  }

  /** A moment after the task's end. */
  #detach(task: DiskTask): void {
    if (!task.isAttached) return
    this.#options.after(this.#options.pullMs(), () => {
      if (!task.isAttached) return
      task.isAttached = false
      this.#report(task, { taskArn: task.arn, containers: [], attachments: attachments(task, 'DETACHED') })
    })
  }

  #run(task: DiskTask, container: PayloadContainer): void {
    this.#options.engine.run({
      taskArn: task.arn,
      name: container.name,
      image: container.image,
      digest: task.digests.get(container.name) ?? '',
      isChecked: container.definition?.healthCheck !== undefined,
      essential: container.essential,
      ...addressOf(task.payload),
      ports: (interfaceOf(task.payload) ? [] : (container.portMappings ?? [])).map(
        ({ containerPort = 0, hostPort = 0 }) => ({
          containerPort,
          hostPort,
        }),
      ),
      cpu: container.cpu,
      memory: container.memory,
      incarnation: task.incarnation,
      containerInstanceArn: this.#options.disk.containerInstanceArn ?? '',
      stopTimeoutMs: (container.stopTimeout ?? 30) * 1000,
    })
  }

  #stepHanded(task: DiskTask): void {
    const containers = this.#options.engine.of(task.arn)
    if (containers.some(container => container.essential && isOver(container))) task.desired = 'STOPPED'
    if (task.desired === 'STOPPED') for (const container of containers) this.#options.engine.stop(container)
    if (containers.every(isOver)) {
      task.phase = 'over'
      const change = this.#stoppedChange(task)
      for (const volume of this.#options.engine.volumesOf(task.arn)) this.#options.engine.release(volume)
      this.#report(task, { ...change, status: 'STOPPED' })
      this.#detach(task)
      return
    }
    const news = containers.filter(container => isNews(task, container))
    const isUp = containers.every(
      container => container.status === 'running' || (!container.essential && isOver(container)),
    )
    const becomesRunning = isUp && task.toldStatus === undefined && task.desired === 'RUNNING'
    if (news.length === 0 && !becomesRunning) return
    const change = { taskArn: task.arn, containers: news.map(containerChange) }
    this.#report(task, becomesRunning ? { ...change, status: 'RUNNING' } : change)
  }

  #stoppedChange(task: DiskTask): TaskStateChange {
    const containers = this.#options.engine.of(task.arn)
    const failed = containers.find(({ status }) => status === 'failed')
    const ofVolumes = this.#options.engine
      .volumesOf(task.arn)
      .map(({ attachmentId, deleteOnTermination }) => ({
        attachmentArn: attachmentId,
        status: deleteOnTermination ? ('DELETED' as const) : ('DETACHED' as const),
      }))
    const all = [...ofVolumes, ...(task.isAttached ? attachments(task, 'ATTACHED') : [])]
    const change = {
      taskArn: task.arn,
      containers: containers.map(containerChange),
      ...(all.length > 0 && { attachments: all }),
    }
    if (failed === undefined) return change
    return { ...change, stopCode: 'TaskFailedToStart', reason: failed.reason ?? '' }
  }

  #report(task: DiskTask, change: TaskStateChange): void {
    const { disk, reported } = this.#options
    if (change.status !== undefined) task.toldStatus = change.status
    for (const { containerName, status, healthStatus } of change.containers)
      if (status !== 'PENDING') task.toldContainers.set(containerName, told(status, healthStatus))
    const { pullStartedAt, pullStoppedAt } = task
    const times = {
      ...(pullStartedAt === undefined ? {} : { pullStartedAt }),
      ...(pullStoppedAt === undefined ? {} : { pullStoppedAt }),
      ...(change.status === 'STOPPED' ? { executionStoppedAt: this.#options.clock() } : {}),
    }
    disk.reports.push({ number: ++disk.reportNumber, change: { ...change, ...times } })
    reported()
  }
}

const interfaceOf = ({ elasticNetworkInterfaces: [one] = [] }: PayloadTask) => one

const addressOf = (payload: PayloadTask): { readonly address?: string; readonly ipv6Address?: string } => {
  const address = interfaceOf(payload)?.ipv4Addresses[0]?.privateAddress
  const ipv6Address = interfaceOf(payload)?.ipv6Addresses?.[0]?.address
  return {
    ...(address !== undefined && { address }),
    ...(ipv6Address !== undefined && { ipv6Address }),
  }
}

const attachments = ({ payload }: DiskTask, status: AttachmentStatus) => [
  { attachmentArn: interfaceOf(payload)?.attachmentArn ?? '', status },
]

const isRun = ({ desiredStatus }: PayloadTask): boolean => desiredStatus === 'RUNNING'

const isOver = ({ status }: SimContainer): boolean => status === 'exited' || status === 'failed'

const isNews = (task: DiskTask, container: SimContainer): boolean => {
  const before = task.toldContainers.get(container.name)
  if (before?.startsWith('STOPPED')) return false
  return isOver(container) || (container.status === 'running' && before !== told('RUNNING', container.health))
}

const told = (status: string | undefined, health: string | undefined): string => `${status} ${health}`

const containerChange = (container: SimContainer): ContainerStateChange => ({
  containerName: container.name,
  status: container.status === 'running' ? 'RUNNING' : isOver(container) ? 'STOPPED' : 'PENDING',
  imageDigest: container.digest,
  ...(container.status === 'failed' ? {} : { runtimeId: container.id }),
  ...(container.health === undefined ? {} : { healthStatus: container.health }),
  ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
  ...(container.status === 'failed' && container.reason !== undefined ? { reason: container.reason } : {}),
  ...(container.bindings.length === 0 ? {} : { networkBindings: container.bindings }),
})
