import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EC2 } from '@aws-sdk/client-ec2'
import type { Task, TaskManagedEBSVolumeConfiguration } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const directory = mkdtempSync(join(tmpdir(), 'berth-snapshots-'))
const ebsDirectory = join(directory, 'ebs')
const mounts = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => line.includes(ebsDirectory))
const devices = (): string[] =>
  execFileSync('losetup', ['--noheadings', '--output', 'NAME,BACK-FILE'], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.includes(ebsDirectory))
const filesIn = (folder: string): string[] => {
  const path = join(ebsDirectory, folder)
  return existsSync(path) ? readdirSync(path) : []
}
const everything = () => [
  ...filesIn('volumes'),
  ...filesIn('mounts'),
  ...filesIn('snapshots'),
  ...devices(),
  ...mounts(),
]

/** What a failed test leaves must not be in the way of the next. */
const clearHost = (): void => {
  for (const mount of mounts()) execFileSync('umount', [mount.split(' ')[4] ?? ''])
  for (const device of devices()) execFileSync('losetup', ['--detach', device.split(' ')[0] ?? ''])
  rmSync(directory, { recursive: true, force: true })
}

let berth: Berth
let tasks: Tasks
let ec2: EC2
let definition: string
beforeAll(async () => {
  makeBusyboxImage()
  berth = await Berth.start({ agent: { BERTH_EBS_DIR: ebsDirectory, BERTH_TASK_CLEANUP_SECONDS: '1' } })
  tasks = new Tasks(berth)
  ec2 = new EC2(berth.clientSettings)
  const mountPoints = [{ sourceVolume: 'data', containerPath: '/data' }]
  definition = await tasks.define([{ script: untilStopped, mountPoints }], {
    volumes: [{ name: 'data', configuredAtLaunch: true }],
  })
})
afterAll(async () => {
  ec2?.destroy()
  await berth?.stop()
  clearHost()
})

const roleArn = 'arn:aws:iam::000000000000:role/ecsInfrastructureRole'
const running = async (change: Partial<TaskManagedEBSVolumeConfiguration>): Promise<Task> => {
  const managedEBSVolume = { roleArn, ...change }
  return tasks.running(
    await tasks.run(definition, { volumeConfigurations: [{ name: 'data', managedEBSVolume }] }),
  )
}
const shell = (task: Task, command: string): Promise<string> =>
  docker('exec', runtimeIdOf(task), 'sh', '-c', command)
const end = async (task: Task): Promise<void> => {
  await tasks.stop(task.taskArn ?? '')
  await tasks.reached(task.taskArn ?? '', 'STOPPED')
}
const volumeIdOf = (task: Task): string =>
  task.attachments?.[0]?.details?.find(({ name }) => name === 'volumeId')?.value ?? ''
const snapshotOf = async (task: Task): Promise<string> => {
  const { SnapshotId = '' } = await ec2.createSnapshot({ VolumeId: volumeIdOf(task) })
  return SnapshotId
}
const completed = (id: string) =>
  eventually(`${id} is completed`, async () => {
    const { Snapshots } = await ec2.describeSnapshots({ SnapshotIds: [id] })
    return Snapshots?.[0]?.State === 'completed'
  })
const available = (id: string) =>
  eventually(`${id} is available`, async () => {
    const { Volumes } = await ec2.describeVolumes({ VolumeIds: [id] })
    return Volumes?.[0]?.State === 'available'
  })
const nothingIsLeft = () => eventually('nothing is left on the host', async () => everything().length === 0)

describe('a snapshot of a task volume', () => {
  it.each(['xfs', 'ext4'] as const)(
    'of %s is made while the task writes, begins another volume, and leaves nothing when all is deleted',
    async filesystemType => {
      const keep = { terminationPolicy: { deleteOnTermination: false } }
      const first = await running({ sizeInGiB: 1, filesystemType, ...keep })
      await shell(first, 'echo kept > /data/file; (while true; do date >> /data/log; done) >/dev/null 2>&1 &')
      const snapshotId = await snapshotOf(first)
      await completed(snapshotId)
      await shell(first, 'echo later > /data/file')
      await end(first)
      const volumeId = volumeIdOf(first)
      await available(volumeId)
      await ec2.deleteVolume({ VolumeId: volumeId })
      const second = await running({ snapshotId, filesystemType, sizeInGiB: 2 })
      expect(await shell(second, 'cat /data/file')).toBe('kept')
      await end(second)
      await ec2.deleteSnapshot({ SnapshotId: snapshotId })
      await nothingIsLeft()
      await eventually('EC2 knows of no volume', async () => !(await ec2.describeVolumes({})).Volumes?.length)
    },
  )

  it('that was asked for while the host was away is made when it comes back', async () => {
    const task = await running({ sizeInGiB: 1, terminationPolicy: { deleteOnTermination: false } })
    await shell(task, 'echo kept > /data/file')
    await berth.killAgent()
    const snapshotId = await snapshotOf(task)
    expect(filesIn('snapshots')).toEqual([])
    await berth.startAgent()
    await completed(snapshotId)
    expect(filesIn('snapshots')).toEqual([`${snapshotId}.img`])
    await end(task)
    await available(volumeIdOf(task))
    await berth.killAgent()
    await ec2.deleteVolume({ VolumeId: volumeIdOf(task) })
    await ec2.deleteSnapshot({ SnapshotId: snapshotId })
    await berth.startAgent()
    await nothingIsLeft()
  })
})
