/** Where tasks find a file system: told to their host with each of them. */
import { lastSegment, type Scope } from '@berth/model'
import type { View } from '../../store/view.ts'
import { fileSystemArn } from './references.ts'
import { accessPoints, mountTargets } from './tables/index.ts'

export interface ServedFileSystem {
  /** The NFS server's IP address. */
  readonly address: string
  /** By the access point's id. */
  readonly accessPoints: Readonly<Record<string, { readonly path: string }>>
}

/** Undefined for a file system without a mount target: the operator of the host says where it is. */
export const servedFileSystem = (
  view: View,
  scope: Scope,
  fileSystemId: string,
): ServedFileSystem | undefined => {
  const arn = fileSystemArn(scope, fileSystemId)
  const [target] = view.where(mountTargets, 'byFileSystem', arn)
  if (!target) return undefined
  const points = [...view.where(accessPoints, 'byFileSystem', arn)]
  return {
    address: target.ipAddress,
    accessPoints: Object.fromEntries(points.map(({ id, path }) => [lastSegment(id), { path }])),
  }
}
