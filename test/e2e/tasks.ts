import { randomUUID } from 'node:crypto'
import {
  type ContainerDefinition,
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  type RunTaskCommandOutput,
  type Service,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import { isLaterStatus, type TaskStatus } from '@berth/model'
import { type Berth, eventually } from './berth.ts'
import { busybox } from './busybox.ts'

type Containers = readonly (Partial<ContainerDefinition> & { readonly script?: string })[]

/** What a container runs that only ends when it is told to, and then at once. */
export const untilStopped = 'trap "exit 0" TERM; while :; do sleep 0.05; done'

/** Small containers of the tests' image, the first of them named `main`; `script` is for its shell. */
export const containersOf = (containers: Containers): ContainerDefinition[] =>
  containers.map(({ script, ...rest }) => ({
    name: 'main',
    image: busybox,
    memory: 16,
    stopTimeout: 1,
    ...(script === undefined ? {} : { command: ['sh', '-c', script] }),
    ...rest,
  }))

/** Tasks and services of one Berth, through the official client. */
export class Tasks {
  readonly #berth: Berth

  constructor(berth: Berth) {
    this.#berth = berth
  }

  /** The ARN of a new revision, of a new family unless one is named. */
  async define(
    containers: Containers,
    rest: Partial<RegisterTaskDefinitionCommandInput> = {},
  ): Promise<string> {
    const { taskDefinition } = await this.#berth.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: `family-${randomUUID().slice(0, 8)}`,
        containerDefinitions: containersOf(containers),
        ...rest,
      }),
    )
    return taskDefinition?.taskDefinitionArn ?? ''
  }

  async request(
    taskDefinition: string,
    input: Partial<RunTaskCommandInput> = {},
  ): Promise<RunTaskCommandOutput> {
    return this.#berth.ecs.send(new RunTaskCommand({ taskDefinition, ...input }))
  }

  /** One task's ARN; fails when it finds no place. */
  async run(taskDefinition: string, input: Partial<RunTaskCommandInput> = {}): Promise<string> {
    const { tasks, failures } = await this.request(taskDefinition, input)
    if (tasks?.[0]?.taskArn === undefined) throw new Error(`no place: ${JSON.stringify(failures)}`)
    return tasks[0].taskArn
  }

  async stop(task: string, reason?: string): Promise<void> {
    await this.#berth.ecs.send(new StopTaskCommand({ task, reason }))
  }

  async describe(arn: string): Promise<Task> {
    const { tasks } = await this.#berth.ecs.send(new DescribeTasksCommand({ tasks: [arn] }))
    if (tasks?.[0] === undefined) throw new Error(`no task ${arn}`)
    return tasks[0]
  }

  /** Asks until the task is as wanted. */
  async when(
    arn: string,
    what: string,
    isSo: (task: Task) => boolean | undefined,
    timeoutMs = 30_000,
  ): Promise<Task> {
    let last: Task | undefined
    try {
      return await eventually(
        what,
        async () => {
          last = await this.describe(arn)
          return isSo(last) && last
        },
        timeoutMs,
      )
    } catch (error) {
      throw new Error(`${String(error)}; the task was ${JSON.stringify(last)}`, { cause: error })
    }
  }

  /** The task once it has reached the status, or passed it. */
  reached(arn: string, status: TaskStatus, timeoutMs?: number): Promise<Task> {
    return this.when(
      arn,
      `the task is ${status}`,
      task => task.lastStatus === status || isLaterStatus(status, task.lastStatus as TaskStatus),
      timeoutMs,
    )
  }

  async running(arn: string): Promise<Task> {
    const task = await this.reached(arn, 'RUNNING')
    if (task.lastStatus !== 'RUNNING') throw new Error(`the task ended: ${JSON.stringify(task)}`)
    return task
  }

  /** Runs a task of these containers to its end. */
  async toEnd(containers: Containers, rest?: Partial<RegisterTaskDefinitionCommandInput>): Promise<Task> {
    return this.reached(await this.run(await this.define(containers, rest)), 'STOPPED')
  }

  async createService(
    serviceName: string,
    taskDefinition: string,
    desiredCount: number,
    rest: Partial<CreateServiceCommandInput> = {},
  ): Promise<void> {
    await this.#berth.ecs.send(
      new CreateServiceCommand({ serviceName, taskDefinition, desiredCount, ...rest }),
    )
  }

  async service(name: string): Promise<Service> {
    const { services } = await this.#berth.ecs.send(new DescribeServicesCommand({ services: [name] }))
    if (services?.[0] === undefined) throw new Error(`no service ${name}`)
    return services[0]
  }

  /** The event of the service, newest first, whose message matches. */
  event(name: string, message: RegExp, timeoutMs?: number): Promise<string> {
    return eventually(
      `an event of ${name} that matches ${message}`,
      async () =>
        (await this.service(name)).events?.map(event => event.message ?? '').find(text => message.test(text)),
      timeoutMs,
    )
  }

  /** Wanted running. */
  async serviceTasks(serviceName: string): Promise<Task[]> {
    const { taskArns = [] } = await this.#berth.ecs.send(new ListTasksCommand({ serviceName }))
    if (taskArns.length === 0) return []
    const { tasks = [] } = await this.#berth.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))
    return tasks
  }

  /** The service's tasks once there are so many, all RUNNING, and as wanted. */
  serviceRuns(
    serviceName: string,
    count: number,
    isSo: (task: Task) => boolean = () => true,
    timeoutMs?: number,
  ): Promise<Task[]> {
    return eventually(
      `${serviceName} runs ${count} tasks`,
      async () => {
        const tasks = await this.serviceTasks(serviceName)
        return (
          tasks.length === count && tasks.every(task => task.lastStatus === 'RUNNING' && isSo(task)) && tasks
        )
      },
      timeoutMs,
    )
  }

  async deleteService(service: string): Promise<void> {
    await this.#berth.ecs.send(new DeleteServiceCommand({ service, force: true }))
    await eventually(
      `${service} is INACTIVE`,
      async () => (await this.service(service)).status === 'INACTIVE',
    )
  }
}

/** What Docker calls a container of the task. */
export const runtimeIdOf = (task: Task | undefined, name = 'main'): string => {
  const id = task?.containers?.find(container => container.name === name)?.runtimeId
  if (id === undefined) throw new Error(`no container ${name} in ${JSON.stringify(task)}`)
  return id
}
