/** What a file system of an NFS server does not have: neither lifecycle nor backups nor a policy. */
import type {
  BackupPolicyDescription,
  DescribeBackupPolicyRequest,
  DescribeFileSystemPolicyRequest,
  DescribeLifecycleConfigurationRequest,
  FileSystemPolicyDescription,
  LifecycleConfigurationDescription,
} from '@aws-sdk/client-efs'
import { operation } from '../../service.ts'
import { efsError } from '../errors.ts'
import { fileSystemArn, fileSystemOf } from '../references.ts'

export const policyOperations = [
  operation<DescribeLifecycleConfigurationRequest, LifecycleConfigurationDescription>({
    name: 'DescribeLifecycleConfiguration',
    effect: 'reads',
    resources: ({ FileSystemId }, { scope }) => [fileSystemArn(scope, FileSystemId)],
    handle: ({ FileSystemId }, { store, scope }) => {
      fileSystemOf(store, scope, FileSystemId)
      return { LifecyclePolicies: [] }
    },
  }),
  operation<DescribeBackupPolicyRequest, BackupPolicyDescription>({
    name: 'DescribeBackupPolicy',
    effect: 'reads',
    resources: ({ FileSystemId }, { scope }) => [fileSystemArn(scope, FileSystemId)],
    handle: ({ FileSystemId }, { store, scope }) => {
      fileSystemOf(store, scope, FileSystemId)
      return { BackupPolicy: { Status: 'DISABLED' } }
    },
  }),
  operation<DescribeFileSystemPolicyRequest, FileSystemPolicyDescription>({
    name: 'DescribeFileSystemPolicy',
    effect: 'reads',
    resources: ({ FileSystemId }, { scope }) => [fileSystemArn(scope, FileSystemId)],
    handle: ({ FileSystemId }, { store, scope }) => {
      fileSystemOf(store, scope, FileSystemId)
      throw efsError('PolicyNotFound', `The file system '${FileSystemId}' has no policy.`)
    },
  }),
]
