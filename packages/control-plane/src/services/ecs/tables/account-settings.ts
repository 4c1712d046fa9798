import { defineTable } from '../../../store/table.ts'

export interface AccountSettingRow {
  /** `scope/principal/name`; the principal is an ARN, or `default` for the account's default. */
  readonly id: string
  readonly scope: string
  readonly name: string
  readonly value: string
  /** `default` for the account's default. */
  readonly principal: string
}

export const accountSettings = defineTable<AccountSettingRow>()({
  name: 'ecs.accountSettings',
  indexes: { byScope: row => row.scope },
})
