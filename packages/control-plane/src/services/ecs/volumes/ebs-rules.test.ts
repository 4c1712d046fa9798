import type { TaskManagedEBSVolumeConfiguration } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { ebsProblems } from './ebs-rules.ts'

const roleArn = 'arn:aws:iam::123456789012:role/ecsInfrastructureRole'
const problemsOf = (ebs: Partial<TaskManagedEBSVolumeConfiguration>): string[] => [
  ...ebsProblems({ roleArn, sizeInGiB: 200, ...ebs }),
]

describe('the EBS volume of a request', () => {
  it.each([
    [{}],
    [{ volumeType: 'gp2', sizeInGiB: 1 }],
    [{ volumeType: 'gp3', sizeInGiB: 16_384, iops: 16_000, throughput: 1_000 }],
    [{ volumeType: 'io1', sizeInGiB: 4, iops: 100 }],
    [{ volumeType: 'io2', iops: 256_000 }],
    [{ volumeType: 'st1', sizeInGiB: 125 }],
    [{ volumeType: 'standard', sizeInGiB: 1_024 }],
    [{ snapshotId: 'snap-0123456789abcdef0', sizeInGiB: undefined, volumeInitializationRate: 200 }],
    [{ filesystemType: 'ext3' }],
  ] satisfies [Partial<TaskManagedEBSVolumeConfiguration>][])('may be %o', ebs => {
    expect(problemsOf(ebs)).toEqual([])
  })

  it.each([
    ['has a role', { roleArn: '' }, 'roleArn is required: the ARN of the ECS infrastructure role.'],
    ['has a role by its ARN', { roleArn: 'ecs' }, 'roleArn is not the ARN of a role: ecs'],
    [
      'has a size or a snapshot',
      { sizeInGiB: undefined },
      'Either sizeInGiB or snapshotId must be specified.',
    ],
    [
      'has a type that there is',
      { volumeType: 'gp9' },
      'volumeType must be one of gp2, gp3, io1, io2, st1, sc1, standard: gp9',
    ],
    ['has at least 1 GiB', { sizeInGiB: 0 }, 'sizeInGiB of a gp2 volume must be from 1 to 16384.'],
    [
      'has at most 16 TiB',
      { sizeInGiB: 16_385, volumeType: 'gp3' },
      'sizeInGiB of a gp3 volume must be from 1 to 16384.',
    ],
    [
      'has at least 4 GiB for io1',
      { sizeInGiB: 3, volumeType: 'io1', iops: 100 },
      'sizeInGiB of a io1 volume must be from 4 to 16384.',
    ],
    [
      'has at least 125 GiB for HDDs',
      { sizeInGiB: 124, volumeType: 'sc1' },
      'sizeInGiB of a sc1 volume must be from 125 to 16384.',
    ],
    [
      'has at most 1 TiB when magnetic',
      { sizeInGiB: 1_025, volumeType: 'standard' },
      'sizeInGiB of a standard volume must be from 1 to 1024.',
    ],
    ['says its iops for io1', { volumeType: 'io1' }, 'iops is required for io1 volumes.'],
    ['says its iops for io2', { volumeType: 'io2' }, 'iops is required for io2 volumes.'],
    ['says no iops for HDDs', { volumeType: 'st1', iops: 500 }, 'iops is not supported for st1 volumes.'],
    [
      'keeps to the iops of gp3',
      { volumeType: 'gp3', iops: 2_999 },
      'iops of a gp3 volume must be from 3000 to 16000.',
    ],
    [
      'has throughput only with gp3',
      { volumeType: 'gp2', throughput: 200 },
      'throughput is only supported for gp3 volumes.',
    ],
    [
      'has at most 1,000 MiB/s',
      { volumeType: 'gp3', throughput: 1_001 },
      'throughput must be from 125 to 1000.',
    ],
    [
      'is initialized at a rate only from a snapshot',
      { volumeInitializationRate: 200 },
      'volumeInitializationRate can only be specified with a snapshotId.',
    ],
    [
      'names its snapshot by its id',
      { snapshotId: '../etc' },
      'snapshotId is not the id of a snapshot: ../etc',
    ],
    [
      'has a file system of Linux',
      { filesystemType: 'ntfs' },
      'filesystemType ntfs is for Windows: use ext3, ext4 or xfs.',
    ],
  ] satisfies [string, Partial<TaskManagedEBSVolumeConfiguration>, string][])('%s', (_, ebs, problem) => {
    expect(problemsOf(ebs)).toEqual([problem])
  })
})
