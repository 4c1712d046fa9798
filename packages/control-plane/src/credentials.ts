import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FindSigningKey, Identity, SigningKey } from '@berth/aws-api'
import type { ServerConfiguration } from './configuration.ts'
import { agentIdentity } from './services/ecs/agent-identity.ts'

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The keys of a server: one of the account's root, one that only the agent of this machine may use. */
export interface Credentials {
  readonly root: AccessKey
  readonly agent: AccessKey
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** In the form of AWS's own keys: twenty characters, and forty. */
const newAccessKey = (): AccessKey => ({
  accessKeyId: `AKIA${Array.from(randomBytes(16), byte => base32[byte % 32]).join('')}`,
  secretAccessKey: randomBytes(30).toString('base64'),
})

const readOrCreate = (dataDir: string): Credentials => {
  const path = join(dataDir, 'credentials.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Credentials
  const credentials = { root: newAccessKey(), agent: newAccessKey() }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  return credentials
}

/** The keys of the data directory, made at the first start; root keys that were given win over its own. */
export const ensureCredentials = ({ inMemory, dataDir, root }: ServerConfiguration): Credentials => {
  const credentials = inMemory ? { root: newAccessKey(), agent: newAccessKey() } : readOrCreate(dataDir)
  return root === undefined ? credentials : { ...credentials, root }
}

export const rootIdentity = (accountId: string, accessKeyId: string): Identity => ({
  accountId,
  arn: `arn:aws:iam::${accountId}:root`,
  userId: accountId,
  accessKeyId,
  isRoot: true,
})

export const signingKeys = (accountId: string, { root, agent }: Credentials): FindSigningKey => {
  const keys = new Map<string, SigningKey>([
    [agent.accessKeyId, { ...agent, identity: agentIdentity(accountId, agent.accessKeyId) }],
    [root.accessKeyId, { ...root, identity: rootIdentity(accountId, root.accessKeyId) }],
  ])
  return accessKeyId => keys.get(accessKeyId)
}
