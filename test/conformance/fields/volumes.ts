/** The fields of volumes[]. */
import { type FieldRows, honoured, kept, refused, under } from './row.ts'

const containers = 'test/e2e/containers.test.ts'
const e2e = 'test/e2e/volumes.test.ts'
const volumes = 'packages/agent/src/volumes/volumes.test.ts'
const nfs = 'packages/agent/src/volumes/efs/nfs-volume.test.ts'

export const volumeFields: FieldRows = under('volumes[]', {
  name: honoured(
    'mountPoints name it; a shared Docker volume has this name in the engine, too.',
    containers,
    'share files through volumes',
  ),
  'host.sourcePath': honoured(
    'A path of the host; without it the volume lives as long as the task.',
    containers,
    'share files through volumes',
  ),
  configuredAtLaunch: honoured(
    'An EBS volume as volumeConfigurations of RunTask, StartTask or the service say (docs/volumes.md); without them the request is refused.',
    e2e,
    'are of their size and of',
  ),
  ...under('dockerVolumeConfiguration', {
    scope: honoured(
      '`task` volumes end with the task, `shared` ones outlive it.',
      e2e,
      'outlive their tasks',
    ),
    autoprovision: honoured(
      'Without it a task whose shared volume is absent fails: CannotInspectVolumeError.',
      e2e,
      'fail their task without autoprovision',
    ),
    driver: honoured(
      'Any volume driver that the engine has; the host has an attribute ecs.capability.docker-plugin.DRIVER for each.',
      e2e,
      'of a driver that the engine has not',
    ),
    driverOpts: honoured('As `docker volume create --opt`.', e2e, 'have driver, options and labels'),
    labels: honoured('As `docker volume create --label`.', e2e, 'have driver, options and labels'),
  }),
  ...under('efsVolumeConfiguration', {
    fileSystemId: honoured(
      'NFS 4.1 from the server that the operator of the host names for it (docs/volumes.md); placed on hosts with such names.',
      volumes,
      'mounts NFS 4.1',
    ),
    rootDirectory: honoured('A path that is never left upwards.', nfs, 'or at its rootDirectory'),
    transitEncryption: honoured(
      'ENABLED only where the operator vouches for the network; else TaskFailedToStart.',
      nfs,
      'is encrypted on its way only where',
    ),
    transitEncryptionPort: kept('There is no tunnel that would listen on it.'),
    'authorizationConfig.accessPointId': honoured(
      'The path that the operator names for it; else TaskFailedToStart. Its user is for the NFS server to enforce.',
      nfs,
      'gives an access point',
    ),
    'authorizationConfig.iam': refused('ENABLED: TaskFailedToStart; an NFS server asks for no role.'),
  }),
  ...under('s3filesVolumeConfiguration', {
    fileSystemArn: refused(
      'TaskFailedToStart: this container instance has no s3files volumes.',
      'packages/agent/src/volumes/volumes.test.ts',
      'a volume of type %s fails the task by name',
    ),
    rootDirectory: refused('As fileSystemArn.'),
    transitEncryptionPort: refused('As fileSystemArn.'),
    accessPointArn: refused('As fileSystemArn.'),
  }),
  ...under('fsxWindowsFileServerVolumeConfiguration', {
    fileSystemId: refused(
      'TaskFailedToStart: this container instance has no fsxWindowsFileServer volumes. They are for Windows.',
      'packages/agent/src/volumes/volumes.test.ts',
      'a volume of type %s fails the task by name',
    ),
    rootDirectory: refused('As fileSystemId.'),
    'authorizationConfig.credentialsParameter': refused('As fileSystemId.'),
    'authorizationConfig.domain': refused('As fileSystemId.'),
  }),
})
