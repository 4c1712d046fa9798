/** Of Amazon EFS, names for what NFS servers of the operator's serve: file systems, mount targets and access points. */
import type { Service } from '../service.ts'
import { accessPointOperations } from './operations/access-points.ts'
import { fileSystemOperations } from './operations/file-systems.ts'
import { mountTargetOperations } from './operations/mount-targets.ts'
import { policyOperations } from './operations/policies.ts'
import { tagOperations } from './operations/tags.ts'
import { accessPoints, fileSystems, mountTargets } from './tables/index.ts'

export { type ServedFileSystem, servedFileSystem } from './serving.ts'

export const efsService: Service = {
  name: 'elasticfilesystem',
  client: { signingName: 'elasticfilesystem', load: () => import('@aws-sdk/client-efs') },
  unsupportedCode: 'BadRequest',
  operations: [
    ...accessPointOperations,
    ...fileSystemOperations,
    ...mountTargetOperations,
    ...policyOperations,
    ...tagOperations,
  ],
  tables: [accessPoints, fileSystems, mountTargets],
  histories: [],
  reconcilers: [],
}
