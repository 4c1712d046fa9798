import { beforeEach, describe, expect, it } from 'vitest'
import { volumeTypes } from '../../../packages/control-plane/src/services/ec2/index.ts'
import { accountId, region } from '../service-endpoint.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'

let berth: Ec2Endpoint
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
})

const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  )
const idsOf = async (request: Parameters<Ec2Endpoint['ec2']['describeVolumes']>[0]): Promise<string[]> =>
  ((await berth.ec2.describeVolumes(request)).Volumes ?? []).map(({ VolumeId = '' }) => VolumeId)

describe('DescribeVolumes', () => {
  it('tells what a volume is', async () => {
    const id = berth.given(1)
    const { Volumes } = await berth.ec2.describeVolumes({ VolumeIds: [id] })
    expect(Volumes).toEqual([
      {
        VolumeId: id,
        Size: 10,
        State: 'available',
        AvailabilityZone: `${region}a`,
        VolumeType: volumeTypes[1],
        Iops: 3_000,
        Throughput: 125,
        SnapshotId: '',
        Encrypted: false,
        MultiAttachEnabled: false,
        CreateTime: new Date(berth.clock.now()),
        Attachments: [],
        Tags: [{ Key: 'team', Value: 'red' }],
      },
    ])
  })

  it('tells the task that a volume is attached to', async () => {
    const id = berth.givenInUse(1)
    const { Volumes } = await berth.ec2.describeVolumes({ VolumeIds: [id] })
    expect(Volumes?.[0]).toMatchObject({
      State: 'in-use',
      Attachments: [
        {
          VolumeId: id,
          State: 'attached',
          DeleteOnTermination: true,
          AssociatedResource: expect.stringContaining(`:${accountId}:task/default/`),
        },
      ],
    })
  })

  it.each([
    [{ Name: 'volume-id', Values: ['vol-*1'] }, [1]],
    [{ Name: 'status', Values: ['in-use'] }, [2]],
    [{ Name: 'size', Values: ['20', '30'] }, [3]],
    [{ Name: 'volume-type', Values: ['gp?'] }, [1, 2, 3]],
    [{ Name: 'attachment.status', Values: ['attached'] }, [2]],
    [{ Name: 'tag:team', Values: ['blue'] }, [3]],
    [{ Name: 'tag-key', Values: ['team'] }, [1, 2, 3]],
    [{ Name: 'encrypted', Values: ['true'] }, []],
    [{ Name: 'availability-zone', Values: [`${region}b`] }, [3]],
    [{ Name: 'create-time', Values: ['2027-01-15T*'] }, [1, 2, 3]],
  ])('takes the filter %o', async (filter, numbers) => {
    berth.given(1)
    berth.givenInUse(2)
    berth.given(3, {
      sizeInGiB: 20,
      availabilityZone: `${region}b`,
      tags: [{ key: 'team', value: 'blue' }],
    })
    expect((await idsOf({ Filters: [filter] })).map(id => Number(id.slice(4)))).toEqual(numbers)
  })

  it('goes on from page to page', async () => {
    const all = Array.from({ length: 12 }, (_, index) => berth.given(index))
    const seen: string[] = []
    let NextToken: string | undefined
    do {
      const page = await berth.ec2.describeVolumes({ MaxResults: 5, NextToken })
      seen.push(...(page.Volumes ?? []).map(({ VolumeId = '' }) => VolumeId))
      NextToken = page.NextToken
    } while (NextToken)
    expect(seen).toEqual(all)
  })

  it('refuses what is wrong', async () => {
    const id = berth.given(1)
    const told = (request: object) => refusal(berth.ec2.describeVolumes(request))
    expect(await told({ VolumeIds: ['vol-00000000000000009'] })).toBe(
      "InvalidVolume.NotFound: The volume 'vol-00000000000000009' does not exist.",
    )
    expect(await told({ VolumeIds: ['volume'] })).toMatch(/^InvalidVolumeID.Malformed: /)
    expect(await told({ Filters: [{ Name: 'colour', Values: ['red'] }] })).toBe(
      "InvalidParameterValue: The filter 'colour' is invalid",
    )
    expect(await told({ MaxResults: 4 })).toMatch(/^InvalidParameterValue: Value \( 4 \)/)
    expect(await told({ MaxResults: 5, VolumeIds: [id] })).toMatch(/^InvalidParameterCombination: /)
    expect(await told({ NextToken: 'x' })).toMatch(/^InvalidNextToken: /)
    expect(await told({ DryRun: true })).toMatch(/^DryRunOperation: /)
  })
})

describe('DeleteVolume', () => {
  it('lets an available volume be deleted by its host', async () => {
    const id = berth.given(1)
    await berth.ec2.deleteVolume({ VolumeId: id })
    expect((await berth.ec2.describeVolumes({})).Volumes).toMatchObject([{ VolumeId: id, State: 'deleting' }])
    await berth.ec2.deleteVolume({ VolumeId: id })
  })

  it('refuses a volume that is in use, is not there, or is being made', async () => {
    const told = (VolumeId: string) => refusal(berth.ec2.deleteVolume({ VolumeId }))
    expect(await told(berth.givenInUse(1))).toMatch(
      /^VolumeInUse: Volume vol-0{16}1 is currently attached to arn:/,
    )
    expect(await told('vol-00000000000000009')).toMatch(/^InvalidVolume.NotFound: /)
    expect(await told(berth.given(2, { state: 'creating' }))).toMatch(/^IncorrectState: /)
  })

  it('changes nothing in a dry run', async () => {
    const id = berth.given(1)
    expect(await refusal(berth.ec2.deleteVolume({ VolumeId: id, DryRun: true }))).toMatch(
      /^DryRunOperation: /,
    )
    expect((await berth.ec2.describeVolumes({})).Volumes).toMatchObject([{ State: 'available' }])
  })
})

describe('tags', () => {
  it('are put on volumes, told, and taken away', async () => {
    const id = berth.given(1)
    await berth.ec2.createTags({ Resources: [id], Tags: [{ Key: 'stage', Value: 'test' }] })
    const told = async () =>
      (await berth.ec2.describeTags({})).Tags?.map(({ Key, Value }) => `${Key}=${Value}`)
    expect(await told()).toEqual(['team=red', 'stage=test'])
    expect((await berth.ec2.describeTags({ Filters: [{ Name: 'key', Values: ['stage'] }] })).Tags).toEqual([
      { ResourceId: id, ResourceType: 'volume', Key: 'stage', Value: 'test' },
    ])
    await berth.ec2.deleteTags({ Resources: [id], Tags: [{ Key: 'team', Value: 'blue' }, { Key: 'stage' }] })
    expect(await told()).toEqual(['team=red'])
  })

  it('of several resources are changed together or not at all', async () => {
    const Resources = [berth.given(1), 'vol-00000000000000009']
    const call = berth.ec2.createTags({ Resources, Tags: [{ Key: 'a', Value: 'b' }] })
    expect(await refusal(call)).toMatch(/^InvalidVolume.NotFound: /)
    expect((await berth.ec2.describeTags({})).Tags).toHaveLength(1)
  })
})

it('what Berth does not do of EC2 is refused by name', async () => {
  expect(await refusal(berth.ec2.createVolume({ AvailabilityZone: `${region}a`, Size: 1 }))).toBe(
    'UnsupportedOperation: CreateVolume is not supported by Berth yet.',
  )
})
