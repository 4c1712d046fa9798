import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Configuration } from './configuration.ts'
import { CommandFailure } from './failures.ts'

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** What the server writes at its first start: one key for people, one that only an agent may use. */
interface CredentialsFile {
  readonly root: AccessKey
  readonly agent: AccessKey
}

const readCredentials = (configuration: Configuration): CredentialsFile => {
  const path = join(configuration.dataDir, 'credentials.json')
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as CredentialsFile
  } catch (error) {
    throw new CommandFailure(
      `There are no credentials in ${path} (${(error as Error).message}). Start Berth with \`berth up\`, name its data directory with --data-dir, or set BERTH_ROOT_ACCESS_KEY_ID and BERTH_ROOT_SECRET_ACCESS_KEY.`,
    )
  }
}

/** The keys of the account's root: those that were given, else those of the data directory. */
export const rootAccessKey = (configuration: Configuration): AccessKey => {
  const { rootAccessKeyId, rootSecretAccessKey } = configuration
  return rootAccessKeyId !== undefined && rootSecretAccessKey !== undefined
    ? { accessKeyId: rootAccessKeyId, secretAccessKey: rootSecretAccessKey }
    : readCredentials(configuration).root
}

export const agentAccessKey = (configuration: Configuration): AccessKey =>
  readCredentials(configuration).agent
