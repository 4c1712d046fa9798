import type { Service } from '../../../service.ts'
import { createCluster } from './create-cluster.ts'
import { deleteCluster } from './delete-cluster.ts'
import { describeClusters } from './describe-clusters.ts'
import { listClusters } from './list-clusters.ts'
import { updateCluster } from './update-cluster.ts'
import { updateClusterSettings } from './update-cluster-settings.ts'

export const clusterOperations: Service['operations'] = [
  createCluster,
  deleteCluster,
  describeClusters,
  listClusters,
  updateCluster,
  updateClusterSettings,
]
