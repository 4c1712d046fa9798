/** Pages as Elastic Load Balancing asks for them. (AWS: DescribeLoadBalancers, `Marker` and `PageSize`) */
import type { Row } from '../../store/table.ts'
import { takeRows } from '../row-page.ts'
import { checkRange, validationError } from './errors.ts'

const most = 400

interface PageRequest {
  readonly Marker?: string | undefined
  readonly PageSize?: number | undefined
}

/** `list` names what is listed, its filters included. */
export const pageOf = <R extends Row>(
  list: string,
  { Marker, PageSize }: PageRequest,
  rows: readonly R[],
): { items: readonly R[]; NextMarker?: string } => {
  checkRange('pageSize', PageSize, 1, most)
  if (Marker === undefined && PageSize === undefined) return { items: rows }
  const invalidToken = () => validationError(`'${Marker}' is not a valid marker`)
  const { items, NextToken } = takeRows(list, { MaxResults: PageSize, NextToken: Marker }, rows, {
    most,
    invalidSize: invalidToken,
    invalidToken,
  })
  return { items, ...(NextToken !== undefined && { NextMarker: NextToken }) }
}
