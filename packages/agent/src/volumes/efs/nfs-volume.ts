/** From an efsVolumeConfiguration to the options of the engine's own NFS mount, or to what cannot be had. Pure. */
import { posix } from 'node:path'
import type { PayloadVolume } from '@berth/model'
import type { FileSystem, FileSystems } from './file-systems.ts'

type Configuration = NonNullable<PayloadVolume['efsVolumeConfiguration']>

/** (AWS: "Recommended NFS mount options", Amazon EFS User Guide) */
const mountOptions = 'nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport'

export type NfsVolume =
  | { readonly options: Readonly<Record<string, string>>; readonly problem?: never }
  | { readonly problem: string; readonly options?: never }

export const nfsVolume = (configuration: Configuration, known: FileSystems): NfsVolume => {
  const { fileSystemId, mountTarget, rootDirectory = '/' } = configuration
  // What EFS has no word for, the export's path and whether the way there is encrypted, the host's operator says.
  const named: FileSystem | undefined = ownMember(known, fileSystemId)
  const fileSystem = mountTarget ? { ...named, ...mountTarget } : named
  if (!fileSystem)
    return {
      problem: `no NFS server is known for ${fileSystemId}; create a mount target, or name it in the file of BERTH_EFS_MAP`,
    }
  const problem = unsupported(configuration, fileSystem)
  if (problem) return { problem }
  const { accessPointId } = configuration.authorizationConfig ?? {}
  const accessPoint = accessPointId ? ownMember(fileSystem.accessPoints, accessPointId) : undefined
  const within = accessPoint?.path ?? rootDirectory
  // Normalised before it is joined: no `..` leads out of the file system.
  const path = posix.join(fileSystem.path ?? '/', posix.normalize(`/${within}`))
  return {
    options: { type: 'nfs', device: `:${path}`, o: `addr=${fileSystem.address},${mountOptions}` },
  }
}

/** The ids are the user's words: none of them means what every object has. */
const ownMember = <Value>(values: Readonly<Record<string, Value>> = {}, name: string): Value | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined

const unsupported = (
  { fileSystemId, transitEncryption, authorizationConfig }: Configuration,
  { encryptedNetwork, accessPoints }: FileSystem,
): string | undefined => {
  const { iam, accessPointId } = authorizationConfig ?? {}
  if (iam === 'ENABLED') return `authorizationConfig.iam ENABLED: an NFS server asks for no IAM role`
  if (transitEncryption === 'ENABLED' && !encryptedNetwork)
    return `transitEncryption ENABLED: the way to ${fileSystemId} is not encrypted; when its network is, say encryptedNetwork in the file of BERTH_EFS_MAP`
  if (accessPointId && !ownMember(accessPoints, accessPointId))
    return `authorizationConfig.accessPointId ${accessPointId}: no path is known for it; name it in the file of BERTH_EFS_MAP`
  return undefined
}
