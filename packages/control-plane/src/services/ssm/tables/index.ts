import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm'
import { defineTable, type Millis, type Row } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'

/** Written by the operations alone. Its id is `account/region name`: `/a` and `a` are two parameters with one ARN. */
export interface ParameterRow extends Row {
  readonly scope: string
  readonly name: string
  readonly arn: string
  /** The newest version: the one that is meant when none is named. */
  readonly version: number
  readonly tags: readonly KeyValueTag[]
}

export const parameters = defineTable<ParameterRow>()({
  name: 'ssm.parameters',
  indexes: { byScope: row => row.scope },
})

/** One version of a parameter. Its id is `id of the parameter:version`. Written by the operations alone. */
export interface ParameterVersionRow extends Row {
  readonly parameterId: string
  readonly version: number
  readonly type: ParameterType
  readonly tier: ParameterTier
  readonly dataType: string
  /** Of whatever type, by the server's key, bound to this row's id. */
  readonly encryptedValue: string
  readonly description?: string
  readonly allowedPattern?: string
  /** Of a SecureString. */
  readonly keyId?: string
  readonly labels: readonly string[]
  readonly modifiedAt: Millis
  readonly modifiedBy: string
}

export const versionRowId = (parameterId: string, version: number): string => `${parameterId}:${version}`

export const parameterVersions = defineTable<ParameterVersionRow>()({
  name: 'ssm.parameter-versions',
  indexes: { byParameter: row => row.parameterId },
})
