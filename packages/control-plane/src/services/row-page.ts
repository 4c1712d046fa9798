import type { Row } from '../store/table.ts'
import { readListToken, writeListToken } from './list-token.ts'

interface PageRequest {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface PageRules {
  /** The greatest MaxResults, and the page size when none is asked for. */
  readonly most: number
  readonly invalidSize: () => Error
  readonly invalidToken: () => Error
}

/**
 * Pages for services that say MaxResults and NextToken, of rows that stand in the order in which they are shown. `list`
 * names what is listed, its filters included. A list whose last shown row has gone meanwhile cannot go on.
 */
export const takeRows = <R extends Row>(
  list: string,
  { MaxResults, NextToken: token }: PageRequest,
  rows: readonly R[],
  { most, invalidSize, invalidToken }: PageRules,
): { items: R[]; NextToken?: string } => {
  const size = MaxResults ?? most
  if (size < 1 || size > most) throw invalidSize()
  const key = token === undefined ? undefined : readListToken(list, token)
  const shown = token === undefined ? 0 : rows.findIndex(({ id }) => id === key) + 1
  if (token !== undefined && shown === 0) throw invalidToken()
  const items = rows.slice(shown, shown + size)
  const last = items.at(-1)
  return { items, ...(last && shown + size < rows.length && { NextToken: writeListToken(list, last.id) }) }
}
