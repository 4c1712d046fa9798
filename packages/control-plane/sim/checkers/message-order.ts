import type { PayloadMessage, TaskManifestMessage } from '@berth/model'
import type { Checker } from './checker.ts'

/** The numbers of payloads and manifests grow, over servers' lives too: an agent drops what does not. */
export const messageOrder = (): Checker => {
  /** By server life, in the order of their first message. */
  const greatest = new Map<string, { last: number; readonly floor: number }>()
  return {
    name: 'message-order',
    sent: ({ name: server }, { type, message }) => {
      const number =
        type === 'PayloadMessage'
          ? (message as PayloadMessage).seqNum
          : type === 'TaskManifestMessage'
            ? (message as TaskManifestMessage).timeline
            : undefined
      if (number === undefined) return undefined
      const life = greatest.get(server) ?? {
        last: 0,
        floor: Math.max(0, ...[...greatest.values()].map(({ last }) => last)),
      }
      greatest.set(server, life)
      if (number <= life.floor)
        return `${server} sends number ${number}, which an earlier server has exceeded`
      // The same number goes to several agents only as one message; to one agent it never comes twice.
      life.last = Math.max(life.last, number)
      return undefined
    },
  }
}
