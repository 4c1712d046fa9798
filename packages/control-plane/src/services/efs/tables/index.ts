import type { CreationInfo, PerformanceMode, PosixUser, ThroughputMode } from '@aws-sdk/client-efs'
import { defineTable, type Millis } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'

/** An EFS file system: a name for what an NFS server of the operator's serves. Its id is its ARN. Written by operations. */
export interface FileSystemRow {
  readonly id: string
  readonly scope: string
  readonly creationToken: string
  readonly performanceMode: PerformanceMode
  readonly throughputMode: ThroughputMode
  /** MiB/s; checked and shown: what the server can do decides. */
  readonly provisionedThroughput?: number | undefined
  readonly availabilityZone?: string | undefined
  readonly tags: readonly KeyValueTag[]
  readonly createdAt: Millis
}

export const fileSystems = defineTable<FileSystemRow>()({
  name: 'efs.file-systems',
  indexes: {
    byScope: row => row.scope,
    byToken: row => `${row.scope}|${row.creationToken}`,
  },
})

/** Where a file system is served. Its id is its ARN. Written by operations. */
export interface MountTargetRow {
  readonly id: string
  readonly fileSystemArn: string
  readonly subnetId: string
  /** The NFS server's. */
  readonly ipAddress: string
  readonly securityGroups: readonly string[]
}

export const mountTargets = defineTable<MountTargetRow>()({
  name: 'efs.mount-targets',
  indexes: { byFileSystem: row => row.fileSystemArn },
})

/** Its id is its ARN. Written by operations. */
export interface AccessPointRow {
  readonly id: string
  readonly scope: string
  readonly fileSystemArn: string
  readonly clientToken: string
  /** For the server to enforce. */
  readonly posixUser?: PosixUser | undefined
  /** Within the file system. */
  readonly path: string
  readonly creationInfo?: CreationInfo | undefined
  readonly tags: readonly KeyValueTag[]
}

export const accessPoints = defineTable<AccessPointRow>()({
  name: 'efs.access-points',
  indexes: {
    byScope: row => row.scope,
    byFileSystem: row => row.fileSystemArn,
    byToken: row => `${row.scope}|${row.clientToken}`,
  },
})
