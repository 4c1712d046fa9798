/** Somebody whose tasks have EBS volumes, some of which outlive them until somebody deletes them. */
import type { DescribeVolumesResult } from '@aws-sdk/client-ec2'
import type { RunTaskResponse } from '@aws-sdk/client-ecs'
import type { Caller } from './caller.ts'

export class VolumeCaller {
  readonly #caller: Caller
  #runs = 0

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async change(): Promise<void> {
    const what = this.#caller.world.random.pick(['run', 'run', 'stop', 'delete', 'wait'])
    if (what === 'run') await this.#run()
    if (what === 'stop') await this.#stop()
    if (what === 'delete') await this.#deleteOne()
  }

  async #run(): Promise<void> {
    const { client, cluster, definitions, known, world } = this.#caller
    const startedBy = `stateful-${cluster}-${++this.#runs}`
    const taskDefinition = definitions.stateful
    const managedEBSVolume = {
      roleArn: 'arn:aws:iam::123456789012:role/ecsInfrastructure',
      sizeInGiB: 1,
      filesystemType: 'ext4',
      terminationPolicy: { deleteOnTermination: world.random.chance(0.6) },
    }
    const outcome = await client.call('RunTask', {
      cluster,
      taskDefinition,
      startedBy,
      volumeConfigurations: [{ name: 'data', managedEBSVolume }],
    })
    if (outcome.kind !== 'done') return
    const { tasks = [] } = outcome.output as RunTaskResponse
    for (const { taskArn = '' } of tasks) known.tasks.set(taskArn, { taskDefinition, startedBy })
  }

  async #stop(): Promise<void> {
    const { client, cluster, definitions, known, world } = this.#caller
    const running = [...known.tasks].flatMap(([arn, { taskDefinition }]) =>
      taskDefinition === definitions.stateful && !known.stops.has(arn) && arn.includes(`:task/${cluster}/`)
        ? [arn]
        : [],
    )
    if (running.length === 0) return
    const arn = world.random.pick(running)
    known.stopCalls.add(arn)
    const outcome = await client.call('StopTask', { cluster, task: arn })
    if (outcome.kind === 'done') known.stops.add(arn)
  }

  async #deleteOne(): Promise<void> {
    const { client, world } = this.#caller
    const outcome = await client.call('DescribeVolumes', {})
    if (outcome.kind !== 'done') return
    const { Volumes = [] } = outcome.output as DescribeVolumesResult
    const left = Volumes.filter(({ State }) => State === 'available')
    if (left.length > 0) await client.call('DeleteVolume', { VolumeId: world.random.pick(left).VolumeId })
  }
}
