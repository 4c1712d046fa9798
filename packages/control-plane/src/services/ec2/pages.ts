/** Pages as EC2 asks for them. (AWS: DescribeVolumes, `MaxResults`) */
import type { Row } from '../../store/table.ts'
import { takeRows } from '../row-page.ts'
import { ec2Error, invalidParameterValue } from './errors.ts'

const fewest = 5
const most = 1_000

interface PageRequest {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

/** `ids`: those that the request names, which are told on one page. */
export const pageOf = <R extends Row>(
  list: string,
  { MaxResults, NextToken }: PageRequest,
  rows: readonly R[],
  ids: readonly string[] | undefined,
): { items: readonly R[]; NextToken?: string } => {
  if (MaxResults === undefined && NextToken === undefined) return { items: rows }
  if (MaxResults !== undefined && ids?.length)
    throw ec2Error('InvalidParameterCombination', 'MaxResults cannot be used together with a list of ids')
  if (MaxResults !== undefined && MaxResults < fewest)
    throw invalidParameterValue(
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value greater than or equal to ${fewest}.`,
    )
  const request = { MaxResults: Math.min(MaxResults ?? most, most), NextToken }
  return takeRows(list, request, rows, {
    most,
    invalidSize: () => invalidParameterValue(`Value ( ${MaxResults} ) for parameter maxResults is invalid.`),
    invalidToken: () => ec2Error('InvalidNextToken', 'The token is not valid, or is of another list.'),
  })
}
