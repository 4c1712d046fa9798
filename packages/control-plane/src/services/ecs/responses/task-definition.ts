import type { TaskDefinition } from '@aws-sdk/client-ecs'
import { timestamp } from '../../timestamp.ts'
import type { TaskDefinitionRow } from '../tables/index.ts'

/** A task definition as the API shows it; its tags stand beside it, not in it. */
export const taskDefinitionResponse = (row: TaskDefinitionRow): TaskDefinition => ({
  ...row.definition,
  taskDefinitionArn: row.id,
  family: row.family,
  revision: row.revision,
  status: row.status,
  registeredAt: timestamp(row.registeredAt),
  registeredBy: row.registeredBy,
  deregisteredAt: timestamp(row.deregisteredAt),
  deleteRequestedAt: timestamp(row.deleteRequestedAt),
})
