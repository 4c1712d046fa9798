/** The fields of volumes[]. */
import { type FieldRows, honoured, notYet, refused, under } from './row.ts'

const containers = 'test/e2e/containers.test.ts'
const spec = 'packages/agent/src/tasks/container-spec/container-spec.test.ts'

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
  configuredAtLaunch: refused(
    'TaskFailedToStart: this container instance has no configuredAtLaunch volumes.',
  ),
  ...under('dockerVolumeConfiguration', {
    scope: honoured(
      '`task` volumes end with the task, `shared` ones outlive it.',
      spec,
      'never a shared one',
    ),
    autoprovision: notYet('A shared volume is made when absent, whatever this says.'),
    driver: refused('TaskFailedToStart for any but local.'),
    driverOpts: refused('TaskFailedToStart.'),
    labels: notYet('Kept and shown.'),
  }),
  ...under('efsVolumeConfiguration', {
    fileSystemId: refused('Placed nowhere: no host has the attribute ecs.capability.efs.'),
    rootDirectory: refused('As fileSystemId.'),
    transitEncryption: refused('As fileSystemId.'),
    transitEncryptionPort: refused('As fileSystemId.'),
    'authorizationConfig.accessPointId': refused('As fileSystemId.'),
    'authorizationConfig.iam': refused('As fileSystemId.'),
  }),
  ...under('s3filesVolumeConfiguration', {
    fileSystemArn: refused('TaskFailedToStart: this container instance has no s3files volumes.'),
    rootDirectory: refused('As fileSystemArn.'),
    transitEncryptionPort: refused('As fileSystemArn.'),
    accessPointArn: refused('As fileSystemArn.'),
  }),
  ...under('fsxWindowsFileServerVolumeConfiguration', {
    fileSystemId: refused(
      'TaskFailedToStart: this container instance has no fsxWindowsFileServer volumes. They are for Windows.',
    ),
    rootDirectory: refused('As fileSystemId.'),
    'authorizationConfig.credentialsParameter': refused('As fileSystemId.'),
    'authorizationConfig.domain': refused('As fileSystemId.'),
  }),
})
