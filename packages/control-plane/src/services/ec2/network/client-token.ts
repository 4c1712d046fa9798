/** Calls that are sent again with their client token make nothing new, as long as what they made is there. */
import type { Scope } from '@berth/model'
import type { Table } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import { ec2Error } from '../errors.ts'
import { beside, type TaggedRow } from './kinds.ts'

/** What a row keeps of the call that made it. */
export interface MadeBy {
  readonly token: string
  /** The request, as JSON. */
  readonly request: string
}

interface TokenRow extends TaggedRow {
  readonly madeBy?: MadeBy | undefined
}

type TokenIndex<R> = { readonly byClientToken: (row: R) => string | undefined }

interface WithToken {
  readonly ClientToken?: string | undefined
  readonly DryRun?: boolean | undefined
}

export const madeByOf = ({ ClientToken, DryRun, ...request }: WithToken): MadeBy | undefined =>
  ClientToken ? { token: ClientToken, request: JSON.stringify(request) } : undefined

/** The row that an earlier call made with the same token. Throws IdempotentParameterMismatch for another request. */
export const madeBefore = <R extends TokenRow>(
  view: View,
  scope: Scope,
  table: Table<R, TokenIndex<R>>,
  madeBy: MadeBy | undefined,
): R | undefined => {
  if (!madeBy) return undefined
  const [row] = view.where(table, 'byClientToken', beside(scope, madeBy.token))
  if (row && row.madeBy?.request !== madeBy.request)
    throw ec2Error(
      'IdempotentParameterMismatch',
      'The client token was used before, by a request with other parameters.',
    )
  return row
}
