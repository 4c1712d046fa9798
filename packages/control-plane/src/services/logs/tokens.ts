import type { Boundary } from '../../log-store/log-store.ts'
import { readListToken } from '../list-token.ts'
import { invalidParameter } from './errors.ts'

/** Digits of a position, as long as CloudWatch Logs' own: 20 of the timestamp, 36 of the sequence. */
export const positionDigits = ({ timestamp, sequence }: Boundary): string =>
  String(timestamp).padStart(20, '0') + String(sequence).padStart(36, '0')

export interface EventsToken {
  readonly direction: 'forward' | 'backward'
  readonly boundary: Boundary
}

/** GetLogEvents' tokens: `f/` goes on behind the position, `b/` before it. */
export const formatEventsToken = ({ direction, boundary }: EventsToken): string =>
  `${direction === 'forward' ? 'f' : 'b'}/${positionDigits(boundary)}/s`

export const parseEventsToken = (token: string): EventsToken => {
  const [, letter, timestamp, sequence] = /^([fb])\/(\d{20})(\d{36})\/s$/.exec(token) ?? []
  if (!letter) throw invalidParameter('The specified nextToken is invalid.')
  return {
    direction: letter === 'f' ? 'forward' : 'backward',
    boundary: { timestamp: Number(timestamp), sequence: Number(sequence) },
  }
}

export const parseListToken = (list: string, token: string | undefined): string | undefined => {
  if (token === undefined) return undefined
  const key = readListToken(list, token)
  if (key === undefined) throw invalidParameter('The specified nextToken is invalid.')
  return key
}
