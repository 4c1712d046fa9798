/** From the ids of a request, or ARNs that end with them, to rows of its account. */
import { formatArn, lastSegment, type Scope } from '@berth/model'
import type { View } from '../../store/view.ts'
import { accessPointNotFound, badRequest, fileSystemNotFound, mountTargetNotFound } from './errors.ts'
import {
  type AccessPointRow,
  accessPoints,
  type FileSystemRow,
  fileSystems,
  type MountTargetRow,
  mountTargets,
} from './tables/index.ts'

type Kind = 'file-system' | 'mount-target' | 'access-point'

const arnOf = (kind: Kind, scope: Scope, reference: string | undefined): string =>
  formatArn('elasticfilesystem', scope, `${kind}/${lastSegment(reference ?? '')}`)

export const fileSystemArn = (scope: Scope, id: string | undefined): string => arnOf('file-system', scope, id)
export const mountTargetArn = (scope: Scope, id: string | undefined): string =>
  arnOf('mount-target', scope, id)
export const accessPointArn = (scope: Scope, id: string | undefined): string =>
  arnOf('access-point', scope, id)

/** Throws FileSystemNotFound. */
export const fileSystemOf = (view: View, scope: Scope, id: string | undefined): FileSystemRow => {
  const found = view.get(fileSystems, fileSystemArn(scope, id))
  if (!found) throw fileSystemNotFound(id ?? '')
  return found
}

/** Throws MountTargetNotFound. */
export const mountTargetOf = (view: View, scope: Scope, id: string | undefined): MountTargetRow => {
  const found = view.get(mountTargets, mountTargetArn(scope, id))
  if (!found) throw mountTargetNotFound(id ?? '')
  return found
}

/** Throws AccessPointNotFound. */
export const accessPointOf = (view: View, scope: Scope, id: string | undefined): AccessPointRow => {
  const found = view.get(accessPoints, accessPointArn(scope, id))
  if (!found) throw accessPointNotFound(id ?? '')
  return found
}

/** What has tags. Throws BadRequest, FileSystemNotFound, AccessPointNotFound. */
export const taggedOf = (view: View, scope: Scope, id = ''): FileSystemRow | AccessPointRow => {
  if (lastSegment(id).startsWith('fsap-')) return accessPointOf(view, scope, id)
  if (lastSegment(id).startsWith('fs-')) return fileSystemOf(view, scope, id)
  throw badRequest(`The id of a file system or of an access point is needed: ${id}`)
}
