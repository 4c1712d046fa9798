import type { BerthExecMessage } from '@berth/model'

export interface OpenDataChannel extends Pick<BerthExecMessage, 'isTerminal' | 'wantsExitCode'> {
  readonly token: string
}

/** The first message of a data channel's client; Berth's own says besides what it wants to see. Undefined for anything else. */
export const readOpenDataChannel = (text: string): OpenDataChannel | undefined => {
  const message = parse(text)
  if (typeof message?.['TokenValue'] !== 'string') return undefined
  return {
    token: message['TokenValue'],
    isTerminal: message['BerthTerminal'] !== false,
    wantsExitCode: typeof message['BerthTerminal'] === 'boolean',
  }
}

const parse = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
