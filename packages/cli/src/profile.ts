import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Configuration, endpointOf } from './configuration.ts'
import { rootAccessKey } from './credentials.ts'

/** The profile's name in the files that `berth up` writes. */
export const profileName = 'berth'

export interface ProfileFiles {
  readonly configFile: string
  readonly credentialsFile: string
}

export const profileFiles = (configuration: Configuration): ProfileFiles => ({
  configFile: join(configuration.dataDir, 'aws', 'config'),
  credentialsFile: join(configuration.dataDir, 'aws', 'credentials'),
})

/** The two sections of an AWS profile, as the AWS CLI's files hold them. */
export const profileSections = (configuration: Configuration): { config: string; credentials: string } => {
  const { accessKeyId, secretAccessKey } = rootAccessKey(configuration)
  return {
    config: `[profile ${profileName}]\nregion = ${configuration.region}\nendpoint_url = ${endpointOf(configuration)}\noutput = json\n`,
    credentials: `[${profileName}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  }
}

/** Writes the profile into files of its own under the data directory, readable by their owner only. */
export const writeProfile = (configuration: Configuration): ProfileFiles => {
  const files = profileFiles(configuration)
  const sections = profileSections(configuration)
  mkdirSync(join(configuration.dataDir, 'aws'), { recursive: true, mode: 0o700 })
  writeFileSync(files.configFile, sections.config, { mode: 0o600 })
  writeFileSync(files.credentialsFile, sections.credentials, { mode: 0o600 })
  return files
}

/** What `berth env` prints: everything that a client needs, also one that knows no endpoint_url in profiles. */
export const environmentVariables = (configuration: Configuration): Record<string, string> => {
  const { accessKeyId, secretAccessKey } = rootAccessKey(configuration)
  return {
    AWS_ENDPOINT_URL: endpointOf(configuration),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: configuration.region,
    AWS_DEFAULT_REGION: configuration.region,
  }
}
