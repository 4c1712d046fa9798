import { defineTable, type Millis } from '../../../store/table.ts'

/**
 * So many hosts of a zone vanished together that the network is to blame, not they: their tasks are left alone, and
 * nothing is replaced, until enough of them return. Written by the reconciler of lost instances only.
 */
export interface ZoneOutageRow {
  /** `clusterArn|zone`; the zone is empty for hosts that name none. */
  readonly id: string
  readonly clusterArn: string
  readonly since: Millis
  /** The container instances that would have been declared lost when it began. */
  readonly containerInstanceArns: readonly string[]
}

export const zoneOutages = defineTable<ZoneOutageRow>()({
  name: 'ecs.zoneOutages',
  indexes: { byCluster: row => row.clusterArn },
})
