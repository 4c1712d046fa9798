import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Task, TaskManagedEBSVolumeConfiguration, Volume } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const directory = mkdtempSync(join(tmpdir(), 'berth-volumes-'))
const ebsDirectory = join(directory, 'ebs')
const efsMap = join(directory, 'efs.json')
const unknownToNobody = { 'fs-0123456789abcdef0': { address: '127.0.0.1', path: '/exports' } }

const namesIn = (folder: string): string[] => {
  const path = join(ebsDirectory, folder)
  return existsSync(path) ? readdirSync(path) : []
}
const devices = (): string[] =>
  execFileSync('losetup', ['--noheadings', '--output', 'NAME,BACK-FILE'], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.includes(ebsDirectory))
const mounts = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => line.includes(ebsDirectory))
const left = () => ({
  files: namesIn('volumes'),
  mounted: namesIn('mounts'),
  devices: devices(),
  mounts: mounts(),
})
const nothing = { files: [], mounted: [], devices: [], mounts: [] }

/** What a failed test leaves must not be in the way of the next. */
const clearHost = (): void => {
  for (const mount of mounts()) execFileSync('umount', [mount.split(' ')[4] ?? ''])
  for (const device of devices()) execFileSync('losetup', ['--detach', device.split(' ')[0] ?? ''])
  rmSync(directory, { recursive: true, force: true })
}

const roleArn = 'arn:aws:iam::000000000000:role/ecsInfrastructureRole'
const ebs = (change: Partial<TaskManagedEBSVolumeConfiguration> = {}) => ({
  volumeConfigurations: [{ name: 'data', managedEBSVolume: { roleArn, sizeInGiB: 1, ...change } }],
})
const mountPoints = [{ sourceVolume: 'data', containerPath: '/data' }]
const atLaunch: Volume[] = [{ name: 'data', configuredAtLaunch: true }]

const attachmentOf = (task: Task) => task.attachments?.[0]
const detail = (task: Task, name: string) =>
  attachmentOf(task)?.details?.find(entry => entry.name === name)?.value

let berth: Berth
let tasks: Tasks
beforeAll(async () => {
  makeBusyboxImage()
  writeFileSync(efsMap, JSON.stringify(unknownToNobody))
  berth = await Berth.start({
    agent: { BERTH_EBS_DIR: ebsDirectory, BERTH_EFS_MAP: efsMap, BERTH_TASK_CLEANUP_SECONDS: '1' },
  })
  tasks = new Tasks(berth)
})
afterAll(async () => {
  await berth?.stop()
  clearHost()
})

const shell = (task: Task, command: string): Promise<string> =>
  docker('exec', runtimeIdOf(task), 'sh', '-c', command)
const hasVolume = async (name: string): Promise<boolean> =>
  (await docker('volume', 'ls', '--quiet', '--filter', `name=${name}`)).split('\n').includes(name)
const running = async (volumes: Volume[], container: object = {}, input: object = {}): Promise<Task> => {
  const definition = await tasks.define([{ script: untilStopped, mountPoints, ...container }], { volumes })
  return tasks.running(await tasks.run(definition, input))
}
const end = async (task: Task): Promise<Task> => {
  await tasks.stop(task.taskArn ?? '')
  return tasks.reached(task.taskArn ?? '', 'STOPPED')
}
const nothingIsLeft = (): Promise<true> =>
  eventually(
    'nothing of an EBS volume is left',
    async () => JSON.stringify(left()) === JSON.stringify(nothing),
  )

describe('Docker volumes', () => {
  const mountedVolume = async (task: Task): Promise<string> =>
    docker('inspect', '-f', '{{(index .Mounts 0).Name}}', runtimeIdOf(task))

  it('of scope task have driver, options and labels, and are removed after their task', async () => {
    const task = await running([
      {
        name: 'data',
        dockerVolumeConfiguration: {
          scope: 'task',
          driver: 'local',
          driverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' },
          labels: { team: 'red' },
        },
      },
    ])
    expect(await shell(task, 'df -k /data | tail -1')).toMatch(/^tmpfs\s+1024\s/)
    const name = await mountedVolume(task)
    expect(await docker('volume', 'inspect', '-f', '{{.Labels.team}}', name)).toBe('red')
    await end(task)
    await eventually('the volume is gone', async () => !(await hasVolume(name)))
  })

  it('of scope shared are made under their own name when they may be, and outlive their tasks', async () => {
    const name = `berth-shared-${process.pid}`
    const shared: Volume[] = [{ name, dockerVolumeConfiguration: { scope: 'shared', autoprovision: true } }]
    const mount = { mountPoints: [{ sourceVolume: name, containerPath: '/data' }] }
    try {
      const first = await running(shared, mount)
      await shell(first, 'echo kept > /data/file')
      await end(first)
      const second = await running(shared, mount)
      expect(await shell(second, 'cat /data/file')).toBe('kept')
      await end(second)
      expect(await hasVolume(name)).toBe(true)
    } finally {
      await eventually('the volume is free', () =>
        docker('volume', 'rm', name).then(
          () => true,
          error => /No such volume/.test(String(error)),
        ),
      )
    }
  })

  it('of scope shared that are absent fail their task without autoprovision', async () => {
    const ended = await tasks.toEnd([{ script: 'true', mountPoints }], {
      volumes: [{ name: 'data', dockerVolumeConfiguration: { scope: 'shared' } }],
    })
    expect(ended).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringContaining('CannotInspectVolumeError: volume data'),
    })
  })

  it('of a driver that the engine has not are placed nowhere', async () => {
    const definition = await tasks.define([{ script: 'true', mountPoints }], {
      volumes: [{ name: 'data', dockerVolumeConfiguration: { scope: 'task', driver: 'no-such-driver' } }],
    })
    expect((await tasks.request(definition)).failures).toMatchObject([
      { reason: 'ATTRIBUTE', detail: expect.stringContaining('ecs.capability.docker-plugin.no-such-driver') },
    ])
  })
})

/** What a machine needs for a test with an NFS server of its own. */
const lacksNfs = (): string | undefined => {
  const kernel = readFileSync('/proc/filesystems', 'utf8')
  if (!/\bnfs4\b/.test(kernel)) return 'the kernel has no NFS client (nfs4 in /proc/filesystems)'
  const threads = '/proc/fs/nfsd/threads'
  return existsSync(threads) && Number(readFileSync(threads, 'utf8')) > 0
    ? undefined
    : 'no nfs-kernel-server runs here'
}

describe('EFS volumes', () => {
  const efs = (fileSystemId: string, change: object = {}): Volume[] => [
    { name: 'data', efsVolumeConfiguration: { fileSystemId, ...change } },
  ]
  const reasonOf = async (volumes: Volume[]): Promise<string> =>
    (await tasks.toEnd([{ script: 'true', mountPoints }], { volumes })).stoppedReason ?? ''

  it('of a file system that the operator does not name fail their task', async () => {
    expect(await reasonOf(efs('fs-aaaaaaaa'))).toContain('no NFS server is known for fs-aaaaaaaa')
  })

  it('that are to be encrypted on their way fail their task where the network is not', async () => {
    const volumes = efs('fs-0123456789abcdef0', { transitEncryption: 'ENABLED' })
    expect(await reasonOf(volumes)).toContain('transitEncryption ENABLED')
  })

  const problem = lacksNfs()
  it.skipIf(problem !== undefined)(
    `share files through an NFS server${problem === undefined ? '' : ` (skipped: ${problem})`}`,
    async () => {
      const exported = join(directory, 'exports')
      mkdirSync(join(exported, 'app'), { recursive: true })
      execFileSync('exportfs', ['-o', 'rw,no_root_squash,insecure,fsid=77', `127.0.0.1:${exported}`])
      try {
        writeFileSync(
          efsMap,
          JSON.stringify({ 'fs-0123456789abcdef0': { address: '127.0.0.1', path: exported } }),
        )
        const task = await running(efs('fs-0123456789abcdef0', { rootDirectory: '/app' }))
        await shell(task, 'echo hello > /data/file')
        expect(readFileSync(join(exported, 'app/file'), 'utf8')).toBe('hello\n')
        await end(task)
        await eventually(
          'it is unmounted',
          async () => !readFileSync('/proc/self/mountinfo', 'utf8').includes(exported),
        )
      } finally {
        execFileSync('exportfs', ['-u', `127.0.0.1:${exported}`])
        writeFileSync(efsMap, JSON.stringify(unknownToNobody))
      }
    },
  )
})

describe('EBS volumes', () => {
  it.each(['xfs', 'ext4', 'ext3'] as const)(
    'are of their size and of %s, and are deleted with their task',
    async filesystemType => {
      const task = await running(atLaunch, {}, ebs({ filesystemType }))
      expect(attachmentOf(task)).toMatchObject({ type: 'AmazonElasticBlockStorage', status: 'ATTACHED' })
      expect(await shell(task, 'grep " /data " /proc/mounts')).toMatch(
        new RegExp(`^/dev/loop\\d+ /data ${filesystemType} `),
      )
      const kilobytes = Number((await shell(task, 'df -k /data | tail -1')).split(/\s+/)[1])
      expect(kilobytes).toBeGreaterThan(900_000)
      expect(kilobytes).toBeLessThanOrEqual(1024 ** 2)
      expect(devices()).toHaveLength(1)
      const ended = await end(task)
      await tasks.when(
        ended.taskArn ?? '',
        'the volume is deleted',
        it => attachmentOf(it)?.status === 'DELETED',
      )
      expect(left()).toEqual(nothing)
    },
  )

  it('that are kept keep what was written, and are what volumes of a snapshot begin as', async () => {
    const first = await running(atLaunch, {}, ebs({ terminationPolicy: { deleteOnTermination: false } }))
    await shell(first, 'echo kept > /data/file')
    await end(first)
    await tasks.when(
      first.taskArn ?? '',
      'the volume is detached',
      it => attachmentOf(it)?.status === 'DETACHED',
    )
    const file = join(ebsDirectory, 'volumes', `${detail(first, 'volumeId')}.img`)
    expect(left()).toEqual({ ...nothing, files: [`${detail(first, 'volumeId')}.img`] })
    mkdirSync(join(ebsDirectory, 'snapshots'), { recursive: true })
    execFileSync('cp', ['--sparse=always', file, join(ebsDirectory, 'snapshots/snap-0123456789abcdef0.img')])
    rmSync(file)
    const second = await running(atLaunch, {}, ebs({ snapshotId: 'snap-0123456789abcdef0', sizeInGiB: 2 }))
    expect(await shell(second, 'cat /data/file')).toBe('kept')
    expect(Number((await shell(second, 'df -k /data | tail -1')).split(/\s+/)[1])).toBeGreaterThan(1_900_000)
    await end(second)
    await nothingIsLeft()
  })

  it('may be written to by the user whom the definition names', async () => {
    const task = await running(atLaunch, { user: '1000:1000' }, ebs())
    await shell(task, 'mkdir /data/folder && echo mine > /data/folder/file')
    expect(await shell(task, 'cat /data/folder/file')).toBe('mine')
    await end(task)
    await nothingIsLeft()
  })

  it('for which there is no room fail their task, and say so', async () => {
    const definition = await tasks.define([{ script: 'true', mountPoints }], { volumes: atLaunch })
    const ended = await tasks.reached(await tasks.run(definition, ebs({ sizeInGiB: 16_384 })), 'STOPPED')
    expect(ended).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(
        /^ResourceInitializationError: volume data: .* 16384 GiB are needed/,
      ),
    })
    const told = await tasks.when(
      ended.taskArn ?? '',
      'the attachment is over',
      it => attachmentOf(it)?.status === 'DELETED',
    )
    expect(detail(told, 'statusReason')).toContain('16384 GiB are needed')
    expect(left()).toEqual(nothing)
  })

  it('of a service are one for each task, and go with them', async () => {
    const definition = await tasks.define([{ script: untilStopped, mountPoints }], { volumes: atLaunch })
    await tasks.createService('stateful', definition, 2, ebs())
    const both = await tasks.serviceRuns('stateful', 2)
    expect(new Set(both.map(task => detail(task, 'volumeId'))).size).toBe(2)
    expect(devices()).toHaveLength(2)
    await tasks.deleteService('stateful')
    await nothingIsLeft()
  })

  it('are found again after kill -9 of the agent, and given back when their task ended meanwhile', async () => {
    const [survivor, casualty] = [await running(atLaunch, {}, ebs()), await running(atLaunch, {}, ebs())]
    await shell(survivor, 'echo before > /data/file')
    await berth.killAgent()
    await docker('kill', runtimeIdOf(casualty))
    await berth.startAgent()
    await tasks.when(
      casualty.taskArn ?? '',
      'its volume is deleted',
      it => attachmentOf(it)?.status === 'DELETED',
    )
    expect(await shell(survivor, 'cat /data/file')).toBe('before')
    expect(devices()).toHaveLength(1)
    await end(survivor)
    await nothingIsLeft()
  })

  const moments: readonly [string, () => boolean][] = [
    ['at once', () => true],
    ['with a file', () => left().files.length > 0],
    ['with a device', () => left().devices.length > 0],
    ['with a mount', () => left().mounts.length > 0],
  ]
  it.each(moments)(
    'leave nothing when the agent is killed %s, while they are made and while they are given back',
    async (_, isNow) => {
      const definition = await tasks.define([{ script: untilStopped, mountPoints }], { volumes: atLaunch })
      const { tasks: made = [] } = await tasks.request(definition, { ...ebs(), count: 3 })
      await eventually('the moment of the attachments', async () => isNow())
      await berth.killAgent()
      const [first, ...others] = made.map(({ taskArn = '' }) => taskArn)
      for (const arn of others) await tasks.stop(arn)
      await berth.startAgent()
      const task = await tasks.running(first ?? '')
      expect(await shell(task, 'touch /data/file && ls /data')).toContain('file')
      await tasks.stop(first ?? '')
      await eventually('the moment of the deletions', async () => isNow() || left().files.length === 0)
      await berth.killAgent()
      await berth.startAgent()
      for (const { taskArn = '' } of made)
        await tasks.when(taskArn, 'its volume is deleted', it => attachmentOf(it)?.status === 'DELETED')
      expect(left()).toEqual(nothing)
    },
  )
})
