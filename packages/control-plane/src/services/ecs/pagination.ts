/** Pages of the List operations: a nextToken encodes the last key that was shown, never an offset. */
import { readListToken, writeListToken } from '../list-token.ts'
import { invalidParameter } from './errors.ts'

export interface PageRequest {
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

interface Page<R> {
  readonly items: R[]
  /** Present when there is more. */
  readonly nextToken?: string
}

export interface OpenPage {
  /** The key to go on after: pass it to `View.where` or `View.all`. Undefined on the first page. */
  readonly after: string | undefined
  /**
   * Takes the page's items from rows that come in the order of their keys and start after `after`. With `keep`, those
   * that it keeps: the page is a short one, with a token, when too many rows in a row are not kept.
   */
  take<R>(rows: Iterable<R>, keyOf: (row: R) => string, keep?: (row: R) => boolean): Page<R>
}

interface Limits {
  /** The greatest maxResults; default 100. */
  readonly maximum?: number
  /** The page size when none is asked for; default the maximum. */
  readonly standard?: number
}

/**
 * Opens the page that a request asks for. `list` names what is listed, its filters included (for instance
 * `ListTasks|CLUSTER-ARN`): a token of another list is refused. Throws InvalidParameterException.
 */
export const openPage = (list: string, request: PageRequest, limits: Limits = {}): OpenPage => {
  const maximum = limits.maximum ?? 100
  const size = request.maxResults ?? limits.standard ?? maximum
  if (!Number.isInteger(size) || size < 1 || size > maximum)
    throw invalidParameter(`maxResults must be between 1 and ${maximum}.`)
  const after = request.nextToken === undefined ? undefined : readToken(list, request.nextToken)
  return { after, take: (rows, keyOf, keep) => takePage(list, size, rows, keyOf, keep) }
}

/** How many rows a page looks at, at most, to find those that are kept. */
const mostRowsSeen = 1000

const takePage = <R>(
  list: string,
  size: number,
  rows: Iterable<R>,
  keyOf: (row: R) => string,
  keep: (row: R) => boolean = () => true,
): Page<R> => {
  const items: R[] = []
  let lastSeen: R | undefined
  let seen = 0
  for (const row of rows) {
    if (lastSeen !== undefined && (items.length === size || seen === mostRowsSeen))
      return { items, nextToken: writeListToken(list, keyOf(lastSeen)) }
    if (keep(row)) items.push(row)
    lastSeen = row
    seen += 1
  }
  return { items }
}

const readToken = (list: string, token: string): string => {
  const key = readListToken(list, token)
  if (key === undefined) throw invalidParameter('Invalid nextToken.')
  return key
}
