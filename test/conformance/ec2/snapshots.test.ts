import { beforeEach, describe, expect, it } from 'vitest'
import {
  applyStorageResult,
  storageOrdersOf,
} from '../../../packages/control-plane/src/agents/storage-orders.ts'
import { accountId } from '../service-endpoint.ts'
import { Ec2Endpoint, host } from './ec2-endpoint.ts'

let berth: Ec2Endpoint
let volumeId: string
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
  volumeId = berth.given(1)
})

const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  )
const create = async (): Promise<string> =>
  (await berth.ec2.createSnapshot({ VolumeId: volumeId })).SnapshotId ?? ''
const told = async (id: string) => (await berth.ec2.describeSnapshots({ SnapshotIds: [id] })).Snapshots?.[0]
const orders = () => storageOrdersOf(berth.store, host)
const hostSays = (message: object, by = host): void =>
  applyStorageResult(berth.store, by, message, berth.clock.now())

describe('a snapshot', () => {
  it('is pending until the host of its volume has copied it', async () => {
    const made = await berth.ec2.createSnapshot({
      VolumeId: volumeId,
      Description: 'nightly',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'stage', Value: 'test' }] }],
    })
    const id = made.SnapshotId ?? ''
    expect(id).toMatch(/^snap-[0-9a-f]{17}$/)
    expect(made).toMatchObject({
      VolumeId: volumeId,
      VolumeSize: 10,
      State: 'pending',
      Progress: '0%',
      StartTime: new Date(berth.clock.now()),
      OwnerId: accountId,
      Description: 'nightly',
      Encrypted: false,
      Tags: [{ Key: 'stage', Value: 'test' }],
    })
    expect(orders()).toEqual([{ action: 'CreateSnapshot', id, volumeId }])
    hostSays({ action: 'CreateSnapshot', id })
    expect(await told(id)).toMatchObject({ State: 'completed', Progress: '100%' })
    expect(orders()).toEqual([])
  })

  it('that its host cannot make is in error, and says why', async () => {
    const id = await create()
    hostSays({ action: 'CreateSnapshot', id, problem: 'no room' })
    expect(await told(id)).toMatchObject({ State: 'error', StateMessage: 'no room' })
    expect(orders()).toEqual([])
  })

  it('is made by no other host, and by none that was not asked', async () => {
    const id = await create()
    hostSays({ action: 'CreateSnapshot', id }, `${host.slice(0, -1)}9`)
    hostSays({ action: 'DeleteSnapshot', id })
    hostSays({ action: 'DeleteVolume', id: volumeId })
    hostSays({ action: 7 })
    expect(await told(id)).toMatchObject({ State: 'pending' })
    expect((await berth.ec2.describeVolumes({})).Volumes).toHaveLength(1)
  })

  it('is gone for callers at once, and for its host when that has removed it', async () => {
    const id = await create()
    hostSays({ action: 'CreateSnapshot', id })
    await berth.ec2.deleteSnapshot({ SnapshotId: id })
    expect(await refusal(told(id))).toBe(`InvalidSnapshot.NotFound: The snapshot '${id}' does not exist.`)
    expect((await berth.ec2.describeSnapshots({})).Snapshots).toEqual([])
    expect(orders()).toEqual([{ action: 'DeleteSnapshot', id }])
    hostSays({ action: 'DeleteSnapshot', id })
    expect(orders()).toEqual([])
  })

  it('is made before its volume is deleted', async () => {
    const id = await create()
    await berth.ec2.deleteVolume({ VolumeId: volumeId })
    expect(orders()).toEqual([{ action: 'CreateSnapshot', id, volumeId }])
    hostSays({ action: 'CreateSnapshot', id })
    expect(orders()).toEqual([{ action: 'DeleteVolume', id: volumeId }])
    hostSays({ action: 'DeleteVolume', id: volumeId })
    expect((await berth.ec2.describeVolumes({})).Volumes).toEqual([])
    expect(await told(id)).toMatchObject({ State: 'completed', VolumeId: volumeId, VolumeSize: 10 })
  })

  it('is of a volume that has been made', async () => {
    const of = (VolumeId: string) => refusal(berth.ec2.createSnapshot({ VolumeId }))
    expect(await of('vol-00000000000000009')).toMatch(/^InvalidVolume.NotFound: /)
    expect(await of(berth.given(2, { state: 'creating' }))).toMatch(/^IncorrectState: /)
    expect(
      await refusal(berth.ec2.createSnapshot({ VolumeId: volumeId, OutpostArn: 'arn:aws:outposts' })),
    ).toMatch(/^InvalidParameterValue: /)
    expect(
      await refusal(
        berth.ec2.createSnapshot({
          VolumeId: volumeId,
          TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'a', Value: 'b' }] }],
        }),
      ),
    ).toMatch(/^InvalidParameterValue: 'volume' is not a valid taggable resource type/)
    expect((await berth.ec2.describeSnapshots({})).Snapshots).toEqual([])
  })
})

describe('DescribeSnapshots', () => {
  it('takes owners and filters', async () => {
    const id = await create()
    await berth.ec2.createTags({ Resources: [id], Tags: [{ Key: 'stage', Value: 'test' }] })
    const found = async (request: object) => (await berth.ec2.describeSnapshots(request)).Snapshots?.length
    expect(await found({ OwnerIds: ['self'] })).toBe(1)
    expect(await found({ OwnerIds: ['amazon'] })).toBe(0)
    expect(await found({ Filters: [{ Name: 'volume-id', Values: [volumeId] }] })).toBe(1)
    expect(await found({ Filters: [{ Name: 'status', Values: ['completed'] }] })).toBe(0)
    expect(await found({ Filters: [{ Name: 'tag:stage', Values: ['te?t'] }] })).toBe(1)
    expect(await refusal(told('snap-1'))).toMatch(/^InvalidSnapshotID.Malformed: /)
  })
})
