import type { RegisterTaskDefinitionRequest, Tag, TaskDefinition } from '@aws-sdk/client-ecs'
import { defineTable, type Millis } from '../../../store/table.ts'

/** What was registered, with ECS's defaults filled in; all that DescribeTaskDefinition echoes but the members below. */
export type RegisteredDefinition = Omit<
  TaskDefinition,
  | 'taskDefinitionArn'
  | 'family'
  | 'revision'
  | 'status'
  | 'registeredAt'
  | 'registeredBy'
  | 'deregisteredAt'
  | 'deleteRequestedAt'
> &
  Pick<RegisterTaskDefinitionRequest, 'networkMode'>

/** Immutable but for status, times and tags. */
export interface TaskDefinitionRow {
  /** The revision's ARN. */
  readonly id: string
  readonly scope: string
  readonly family: string
  readonly revision: number
  readonly status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS'
  readonly definition: RegisteredDefinition
  readonly tags: readonly Tag[]
  readonly registeredAt: Millis
  readonly registeredBy: string
  readonly deregisteredAt?: Millis | undefined
  readonly deleteRequestedAt?: Millis | undefined
}

export const taskDefinitions = defineTable<TaskDefinitionRow>()({
  name: 'ecs.taskDefinitions',
  indexes: {
    byFamily: row => `${row.scope}/${row.family}`,
    byStatus: row => `${row.scope}/${row.status}`,
  },
})

/** One row a family: revision numbers are never given twice, also after every revision was deleted. */
export interface FamilyRow {
  /** `accountId/region/family`. */
  readonly id: string
  readonly scope: string
  readonly family: string
  readonly lastRevision: number
  /** The newest ACTIVE revision, which a bare family name stands for; absent when there is none. */
  readonly latestActive?: number | undefined
}

export const families = defineTable<FamilyRow>()({
  name: 'ecs.families',
  indexes: { byScope: row => row.scope },
})
