/** Somebody who runs, starts, stops and protects tasks. */
import type { ListTasksResponse, RunTaskResponse, UpdateTaskProtectionResponse } from '@aws-sdk/client-ecs'
import { networkConfiguration } from '../servers/given-network.ts'
import { type Caller, instancesOf } from './caller.ts'

export class TaskCaller {
  readonly #caller: Caller
  #runs = 0

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async change(): Promise<void> {
    const { world, client, known, cluster } = this.#caller
    const { random } = world
    const stoppable = [...known.tasks.keys()].filter(
      arn => !known.stops.has(arn) && arn.includes(`:task/${cluster}/`),
    )
    if (stoppable.length > 0 && random.chance(0.45)) {
      const arn = random.pick(stoppable)
      known.stopCalls.add(arn)
      const outcome = await client.call('StopTask', { cluster, task: arn })
      if (outcome.kind === 'done') known.stops.add(arn)
    } else if (random.chance(0.2)) await this.#start()
    else await this.#run()
  }

  /** Protects tasks of a service, for a minute or two, or takes that back. */
  async protect(service: string): Promise<void> {
    const { world, client, known, cluster } = this.#caller
    const { random } = world
    const listed = await client.call('ListTasks', { cluster, serviceName: service })
    if (listed.kind !== 'done') return
    const arns = ((listed.output as ListTasksResponse).taskArns ?? []).slice(0, random.integer(1, 3))
    if (arns.length === 0) return
    const protectionEnabled = random.chance(0.8)
    for (const arn of arns) known.protections.set(arn, 'unknown')
    const outcome = await client.call('UpdateTaskProtection', {
      cluster,
      tasks: arns,
      protectionEnabled,
      ...(protectionEnabled ? { expiresInMinutes: random.integer(1, 2) } : {}),
    })
    if (outcome.kind !== 'done') return
    const { protectedTasks = [] } = outcome.output as UpdateTaskProtectionResponse
    for (const { taskArn = '', expirationDate } of protectedTasks)
      known.protections.set(taskArn, expirationDate?.getTime() ?? 0)
  }

  /** The same call with the same token, until somebody answers. */
  async #run(): Promise<void> {
    const { world, client, known, definitions, size, cluster } = this.#caller
    const { random } = world
    const isNetworked = size.networks && random.chance(0.6)
    const startedBy = `run-${cluster}-${++this.#runs}`
    const taskDefinition = isNetworked ? definitions.networked : definitions.any()
    const input = {
      ...{ cluster, taskDefinition, count: random.integer(1, 3), startedBy, clientToken: startedBy },
      ...(isNetworked && { networkConfiguration }),
    }
    known.runs.set(startedBy, { most: input.count, answer: undefined })
    for (let tries = 0; tries < 5; tries++) {
      const outcome = await client.call('RunTask', input)
      if (outcome.kind === 'unknown' || (outcome.kind === 'done' && random.chance(0.1))) continue
      if (outcome.kind === 'done') this.#promise(outcome.output as RunTaskResponse, taskDefinition, startedBy)
      return
    }
  }

  async #start(): Promise<void> {
    const { world, client, definitions, cluster } = this.#caller
    const instances = await instancesOf(this.#caller, 'ACTIVE')
    if (instances.length === 0) return
    const taskDefinition = definitions.serving()
    const startedBy = `start-${cluster}-${++this.#runs}`
    const containerInstances = [world.random.pick(instances)]
    const outcome = await client.call('StartTask', { cluster, taskDefinition, containerInstances, startedBy })
    if (outcome.kind === 'done') this.#promise(outcome.output as RunTaskResponse, taskDefinition, startedBy)
  }

  #promise({ tasks = [] }: RunTaskResponse, taskDefinition: string, startedBy: string): void {
    const { known } = this.#caller
    const arns = tasks.map(({ taskArn = '' }) => taskArn)
    for (const arn of arns) known.tasks.set(arn, { taskDefinition, startedBy })
    const run = known.runs.get(startedBy)
    if (run !== undefined) known.runs.set(startedBy, { ...run, answer: arns })
  }
}
