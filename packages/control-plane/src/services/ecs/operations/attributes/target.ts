import type { View } from '../../../../store/view.ts'
import { targetNotFound } from '../../errors.ts'
import { findContainerInstance } from '../../references.ts'
import type { ClusterRow, ContainerInstanceRow } from '../../tables/index.ts'

/** The registered container instance that an attribute is for. Throws TargetNotFoundException. */
export const targetOf = (view: View, cluster: ClusterRow, targetId: string): ContainerInstanceRow => {
  const instance = findContainerInstance(view, cluster, targetId)
  if (!instance || instance.status === 'INACTIVE')
    throw targetNotFound(`The specified target was not found: ${targetId}`)
  return instance
}
