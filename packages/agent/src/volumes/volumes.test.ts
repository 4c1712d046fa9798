import type { PayloadTask, PayloadVolume } from '@berth/model'
import { describe, expect, it } from 'vitest'
import { container, payload, startTestHost, type TestHost } from '../tasks/tasks-fixtures.ts'
import { FakeDisks } from './ebs/fake-disks.ts'
import { LoopDeviceDriver } from './ebs/loop-device-driver.ts'
import type { FileSystems } from './efs/file-systems.ts'
import { createVolumes, taskVolumes } from './index.ts'

const volumesHost = async (fileSystems: FileSystems = {}, flushed = () => Promise.resolve()) => {
  const disks = new FakeDisks()
  const host: TestHost = await startTestHost({
    resources: engine => [
      createVolumes({
        engine,
        ebs: new LoopDeviceDriver('/data/ebs', disks),
        fileSystems: () => Promise.resolve(fileSystems),
        store: { flushed },
        reportAttachment: (arn, change) => host.tasks.attachmentChanged(arn, change),
      }),
    ],
  })
  return { host, disks }
}

/** A task whose one container mounts each volume at its name. */
const taskWith = (id: string, ...volumes: PayloadVolume[]): PayloadTask =>
  payload(
    id,
    [
      container('app', {
        mountPoints: volumes.map(({ name }) => ({ sourceVolume: name, containerPath: `/${name}` })),
      }),
    ],
    { volumes },
  )

const mountsOf = (host: TestHost) => host.engine.running()[0]?.spec.mounts

describe('a bind mount', () => {
  it('with a sourcePath is that path of the host', async () => {
    const { host } = await volumesHost()
    await host.give(taskWith('a', { name: 'data', host: { sourcePath: '/srv/data' } }))
    expect(mountsOf(host)).toEqual([{ source: '/srv/data', containerPath: '/data', readOnly: false }])
    expect(host.engine.volumes.size).toBe(0)
  })

  it('without a sourcePath is a volume that ends with the task', async () => {
    const { host } = await volumesHost()
    await host.give(taskWith('a', { name: 'scratch' }))
    expect([...host.engine.volumes.keys()]).toEqual([expect.stringMatching(/^ecs-web-7-volumescratch-/)])
    await host.stop('a')
    await host.clock.advance(600_000)
    expect(host.engine.volumes.size).toBe(0)
  })

  it('is read-only where its mount point says so', async () => {
    const { host } = await volumesHost()
    const app = container('app', {
      mountPoints: [{ sourceVolume: 'data', containerPath: '/d', readOnly: true }],
    })
    await host.give(payload('a', [app], { volumes: [{ name: 'data', host: { sourcePath: '/d' } }] }))
    expect(mountsOf(host)).toEqual([{ source: '/d', containerPath: '/d', readOnly: true }])
  })
})

const docker = (
  members: Partial<NonNullable<PayloadVolume['dockerVolumeConfiguration']>>,
): PayloadVolume => ({
  name: 'data',
  type: 'docker',
  dockerVolumeConfiguration: { scope: 'task', ...members },
})

describe('a Docker volume', () => {
  it('has the driver, the options and the labels of its configuration', async () => {
    const { host } = await volumesHost()
    const configuration = { driver: 'rexray/ebs', driverOpts: { size: '5' }, labels: { team: 'red' } }
    await host.give(taskWith('a', docker(configuration)))
    expect([...host.engine.volumes.values()]).toEqual([
      { name: expect.any(String), driver: 'rexray/ebs', options: { size: '5' }, labels: { team: 'red' } },
    ])
  })

  it('that is shared and autoprovisioned is made under its own name, and outlives its task', async () => {
    const { host } = await volumesHost()
    await host.give(taskWith('a', docker({ scope: 'shared', autoprovision: true })))
    await host.stop('a')
    await host.clock.advance(600_000)
    expect([...host.engine.volumes.keys()]).toEqual(['data'])
  })

  it('that is shared and absent fails the task without autoprovision', async () => {
    const { host } = await volumesHost()
    await host.give(taskWith('a', docker({ scope: 'shared' })))
    expect(host.last('a')).toMatchObject({
      stopCode: 'TaskFailedToStart',
      reason: expect.stringContaining(
        'CannotInspectVolumeError: volume data: this container instance has no',
      ),
    })
  })

  it('that is shared and there is used without autoprovision', async () => {
    const { host } = await volumesHost()
    await host.engine.createVolume({ name: 'data', driver: 'local', options: {}, labels: {} })
    await host.give(taskWith('a', docker({ scope: 'shared' })))
    expect(mountsOf(host)).toEqual([{ source: 'data', containerPath: '/data', readOnly: false }])
  })

  it('that the engine refuses fails the task with its words', async () => {
    const { host } = await volumesHost()
    await host.engine.createVolume({ name: 'data', driver: 'local', options: {}, labels: {} })
    await host.give(taskWith('a', docker({ scope: 'shared', autoprovision: true, driver: 'nfs' })))
    expect(host.last('a')?.reason).toBe(
      'CannotCreateVolumeError: Error response from daemon: a volume named data already exists with the local driver',
    )
  })

  it('ends with its task, and never a shared one that is named like it', () => {
    const shared = { ...docker({ scope: 'shared' }), name: 'ecs-web-7-data' }
    const bound = { name: 'data', host: { sourcePath: '/ecs-web-data' } }
    const task = payload('a', [], { volumes: [{ name: 'scratch' }, bound, shared] })
    expect(taskVolumes(task)).toEqual([expect.stringMatching(/^ecs-web-7-volumescratch-/)])
  })
})

describe('an EFS volume', () => {
  it('is a volume of the local driver that mounts NFS 4.1, and ends with its task', async () => {
    const { host } = await volumesHost({ 'fs-12345678': { address: '10.0.0.5', path: '/exports/a' } })
    const efs: PayloadVolume = {
      name: 'data',
      type: 'efs',
      efsVolumeConfiguration: { fileSystemId: 'fs-12345678', rootDirectory: '/app' },
    }
    await host.give(taskWith('a', efs))
    expect([...host.engine.volumes.values()][0]).toMatchObject({
      driver: 'local',
      options: {
        type: 'nfs',
        device: ':/exports/a/app',
        o: 'addr=10.0.0.5,nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport',
      },
    })
    await host.stop('a')
    await host.clock.advance(600_000)
    expect(host.engine.volumes.size).toBe(0)
  })

  it('of a file system that nobody serves fails the task', async () => {
    const { host } = await volumesHost()
    await host.give(
      taskWith('a', {
        name: 'data',
        type: 'efs',
        efsVolumeConfiguration: { fileSystemId: 'fs-12345678' },
      }),
    )
    expect(host.last('a')?.reason).toBe(
      'ResourceInitializationError: volume data: no NFS server is known for fs-12345678; create a mount target, or name it in the file of BERTH_EFS_MAP',
    )
  })
})

it.each(['fsxWindowsFileServer', 's3files'] as const)(
  'a volume of type %s fails the task by name',
  async type => {
    const { host } = await volumesHost()
    await host.give(taskWith('a', { name: 'data', type }))
    expect(host.last('a')?.reason).toBe(
      `ResourceInitializationError: volume data: this container instance has no ${type} volumes`,
    )
  },
)

const ebs = (members: Partial<NonNullable<PayloadVolume['ebs']>> = {}): PayloadVolume => ({
  name: 'data',
  type: 'configuredAtLaunch',
  ebs: {
    attachmentId: 'attachment-1',
    volumeId: 'vol-1',
    sizeInGiB: 1,
    filesystemType: 'xfs',
    deleteOnTermination: true,
    ...members,
  },
})

const attachmentsOf = (host: TestHost) =>
  host.changes.flatMap(({ attachments = [] }) => attachments.map(({ status }) => status))

describe('an EBS volume', () => {
  it('is attached before the container starts, and deleted when it has ended', async () => {
    const { host, disks } = await volumesHost()
    await host.give(taskWith('a', ebs()))
    expect(mountsOf(host)).toEqual([
      { source: '/data/ebs/mounts/vol-1', containerPath: '/data', readOnly: false },
    ])
    expect(attachmentsOf(host)).toEqual(['ATTACHING', 'ATTACHED'])
    await host.stop('a')
    // What the task's end does not name is gone: it is attached still.
    expect(host.changes.find(({ status }) => status === 'STOPPED')?.attachments).toMatchObject([
      { status: 'ATTACHED' },
    ])
    expect(attachmentsOf(host).slice(-2)).toEqual(['DETACHING', 'DELETED'])
    expect([disks.files.size, disks.devices.size, disks.mounts.size]).toEqual([0, 0, 0])
  })

  it('is not begun with before its task is on the disk of the agent', async () => {
    const saved = Promise.withResolvers<void>()
    const { host, disks } = await volumesHost({}, () => saved.promise)
    await host.give(taskWith('a', ebs()))
    expect([disks.files.size, attachmentsOf(host)]).toEqual([0, []])
    saved.resolve()
    await host.settle()
    expect(attachmentsOf(host)).toEqual(['ATTACHING', 'ATTACHED'])
  })

  it('stays on the host when its termination policy keeps it', async () => {
    const { host, disks } = await volumesHost()
    await host.give(taskWith('a', ebs({ deleteOnTermination: false })))
    await host.stop('a')
    expect(attachmentsOf(host).at(-1)).toBe('DETACHED')
    expect([disks.files.size, disks.devices.size, disks.mounts.size]).toEqual([1, 0, 0])
  })

  it('that cannot be had fails the task, says why, and leaves nothing', async () => {
    const { host, disks } = await volumesHost()
    disks.diskBytes = 0
    await host.give(taskWith('a', ebs()))
    const reason =
      'volume vol-1: 1 GiB are needed, and this container instance has 0 GiB for more EBS volumes'
    expect(host.last('a')).toMatchObject({ attachments: [{ status: 'DELETED', reason }] })
    expect(host.changes.find(({ status }) => status === 'STOPPED')?.reason).toBe(
      `ResourceInitializationError: volume data: ${reason}`,
    )
    expect(attachmentsOf(host)).toEqual(['ATTACHING', 'FAILED', 'FAILED', 'DETACHING', 'DELETED'])
    expect(disks.files.size).toBe(0)
  })

  it('keeps its task known also when the end of the task was known before its own', async () => {
    const { host } = await volumesHost()
    const received = host.tasks.receive([{ ...taskWith('a', ebs()), networkMode: 'overlay' }])
    host.autoAcknowledge = false
    await received
    await host.clock.advance(700_000)
    expect(host.store.tasks()).toHaveLength(1)
    host.acknowledge()
    await host.clock.advance(700_000)
    expect(host.store.tasks()).toHaveLength(0)
  })

  it('that nobody configured fails the task, and leaves nothing to give back', async () => {
    const { host } = await volumesHost()
    await host.give(taskWith('a', { name: 'data', type: 'configuredAtLaunch' }))
    expect(host.last('a')?.reason).toContain('volume data: it was not configured at launch')
    await host.clock.advance(600_000)
    expect(host.store.tasks()).toEqual([])
  })

  it('is open to a user other than root through a group', async () => {
    const { host, disks } = await volumesHost()
    const app = container('app', {
      definition: { user: '1000' },
      mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }],
    })
    await host.give(payload('a', [app], { volumes: [ebs()] }))
    expect(disks.groups.get('/data/ebs/mounts/vol-1')).toBe(60_999)
    expect(host.engine.running()[0]?.spec.supplementaryGroups).toEqual(['60999'])
  })

  it('belongs to root alone when all its containers are root', async () => {
    const { host, disks } = await volumesHost()
    await host.give(taskWith('a', ebs()))
    expect(disks.groups.size).toBe(0)
    expect(host.engine.running()[0]?.spec).not.toHaveProperty('supplementaryGroups')
  })

  it('is given back by the next life of the agent when the task ended meanwhile', async () => {
    const { host, disks } = await volumesHost()
    await host.give(taskWith('a', ebs()))
    disks.isBusy = true
    await host.stop('a')
    expect(disks.files.size).toBe(1)
    disks.isBusy = false
    await host.restart()
    expect(disks.files.size).toBe(0)
    expect(attachmentsOf(host).at(-1)).toBe('DELETED')
  })

  it('keeps its task known until the control plane knows that it is gone', async () => {
    const { host } = await volumesHost()
    await host.give(taskWith('a', ebs()))
    host.autoAcknowledge = false
    await host.stop('a')
    await host.clock.advance(700_000)
    expect(host.store.tasks()).toHaveLength(1)
    host.acknowledge()
    host.autoAcknowledge = true
    await host.clock.advance(700_000)
    expect(host.store.tasks()).toHaveLength(0)
  })
})
