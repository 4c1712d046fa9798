import type {
  CapacityProviderStrategyItem,
  Cluster,
  ClusterConfiguration,
  ClusterSetting,
  Tag,
} from '@aws-sdk/client-ecs'
import { defineTable, type Millis } from '../../../store/table.ts'

/** Written by operations only. An INACTIVE cluster stays describable; its name is free again. */
export interface ClusterRow {
  /** The cluster's ARN. */
  readonly id: string
  /** `accountId/region`. */
  readonly scope: string
  readonly name: string
  readonly status: 'ACTIVE' | 'INACTIVE'
  readonly settings: readonly ClusterSetting[]
  readonly configuration?: ClusterConfiguration | undefined
  readonly capacityProviders: readonly string[]
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderStrategyItem[]
  readonly serviceConnectDefaults?: Cluster['serviceConnectDefaults'] | undefined
  readonly tags: readonly Tag[]
  readonly createdAt: Millis
}

export const clusters = defineTable<ClusterRow>()({
  name: 'ecs.clusters',
  indexes: { byScope: cluster => cluster.scope },
})
