/** Keys for the agents of further hosts: made from the root's key, so that a server knows them without having been told. */
import { createHmac } from 'node:crypto'

const prefix = 'AKIAHOST'
const idPattern = /^AKIAHOST[A-Z2-7]{12}$/
const domain = 'berth agent key: '
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** In the form of AWS's own: twenty characters; `random` has twelve bytes. */
export const agentAccessKeyId = (random: Uint8Array): string =>
  prefix + Array.from(random.subarray(0, 12), byte => alphabet[byte % 32]).join('')

export const isAgentAccessKeyId = (accessKeyId: string): boolean => idPattern.test(accessKeyId)

/** Only who has the root's secret can make it; nothing of that secret can be learned from it. */
export const agentSecretAccessKey = (rootSecretAccessKey: string, accessKeyId: string): string =>
  createHmac('sha256', rootSecretAccessKey)
    .update(domain + accessKeyId)
    .digest('base64')
    .slice(0, 40)
