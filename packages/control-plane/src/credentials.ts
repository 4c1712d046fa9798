import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  agentSecretAccessKey,
  type FindSigningKey,
  type Identity,
  isAgentAccessKeyId,
  type SigningKey,
} from '@berth/aws-api'
import type { ServerConfiguration } from './configuration.ts'
import { agentIdentity } from './services/ecs/agent-identity.ts'
import { sessionEnd, taskIdentity } from './services/ecs/task-identity.ts'
import type { View } from './store/view.ts'
import type { TaskCredentials } from './task-credentials.ts'
import { upperCaseBase32 } from './upper-case-base32.ts'

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The keys of a server: one of the account's root, one that only the agent of this machine may use. */
export interface Credentials {
  readonly root: AccessKey
  readonly agent: AccessKey
}

/** In the form of AWS's own keys: twenty characters, and forty. */
const newAccessKey = (): AccessKey => ({
  accessKeyId: `AKIA${upperCaseBase32(randomBytes(16))}`,
  secretAccessKey: randomBytes(30).toString('base64'),
})

/** The bytes of a file that only its owner may read, made by `create` at the first start. */
const readOrCreate = (dataDir: string, name: string, create: () => Buffer): Buffer => {
  const path = join(dataDir, name)
  if (existsSync(path)) return readFileSync(path)
  const content = create()
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, content, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  return content
}

const newCredentials = (): Credentials => ({ root: newAccessKey(), agent: newAccessKey() })

const credentialsText = (): Buffer => Buffer.from(`${JSON.stringify(newCredentials(), null, 2)}\n`)

const readCredentials = (dataDir: string): Credentials =>
  JSON.parse(readOrCreate(dataDir, 'credentials.json', credentialsText).toString('utf8'))

/** The keys of the data directory, made at the first start; root keys that were given win over its own. */
export const ensureCredentials = ({ inMemory, dataDir, root }: ServerConfiguration): Credentials => {
  const credentials = inMemory ? newCredentials() : readCredentials(dataDir)
  return root === undefined ? credentials : { ...credentials, root }
}

const sessionKeyBytes = 32

/** What seals the credentials of tasks' roles. Whoever has it can make credentials of every task. */
export const ensureSessionKey = ({ inMemory, dataDir }: ServerConfiguration): KeyObject => {
  const create = (): Buffer => randomBytes(sessionKeyBytes)
  return createSecretKey(inMemory ? create() : readOrCreate(dataDir, 'session.key', create))
}

export const rootIdentity = (accountId: string, accessKeyId: string): Identity => ({
  accountId,
  arn: `arn:aws:iam::${accountId}:root`,
  userId: accountId,
  accessKeyId,
  isRoot: true,
})

/** The server's own keys, those of further hosts' agents, and those of every task's roles. */
export const signingKeys = (
  accountId: string,
  { root, agent }: Credentials,
  taskCredentials: TaskCredentials,
  view: View,
): FindSigningKey => {
  const keys = new Map<string, SigningKey>([
    [agent.accessKeyId, { ...agent, identity: agentIdentity(accountId, agent.accessKeyId) }],
    [root.accessKeyId, { ...root, identity: rootIdentity(accountId, root.accessKeyId) }],
  ])
  return (accessKeyId, sessionToken) =>
    keys.get(accessKeyId) ??
    (sessionToken === undefined
      ? furtherAgentKey(accountId, root, accessKeyId)
      : sessionKey(taskCredentials, view, accessKeyId, sessionToken))
}

const furtherAgentKey = (accountId: string, root: AccessKey, accessKeyId: string): SigningKey | undefined =>
  isAgentAccessKeyId(accessKeyId)
    ? {
        secretAccessKey: agentSecretAccessKey(root.secretAccessKey, accessKeyId),
        identity: agentIdentity(accountId, accessKeyId),
      }
    : undefined

const sessionKey = (
  taskCredentials: TaskCredentials,
  view: View,
  accessKeyId: string,
  sessionToken: string,
): SigningKey | undefined => {
  const opened = taskCredentials.open(accessKeyId, sessionToken)
  return (
    opened && {
      secretAccessKey: opened.secretAccessKey,
      sessionToken,
      expiresAt: sessionEnd(view, opened.session),
      identity: taskIdentity(opened.session, accessKeyId),
    }
  )
}
