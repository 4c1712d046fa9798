import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { ECSClient } from '@aws-sdk/client-ecs'
import { BerthClient } from '@berth/client'
import { type Configuration, endpointOf } from './configuration.ts'
import { rootAccessKey } from './credentials.ts'
import { CommandFailure } from './failures.ts'

/** What every SDK's client is made with. */
export const clientSettings = (configuration: Configuration) => ({
  endpoint: endpointOf(configuration),
  region: configuration.region,
  credentials: rootAccessKey(configuration),
  maxAttempts: 2,
})

export const ecsClient = (configuration: Configuration): ECSClient =>
  new ECSClient(clientSettings(configuration))

export const logsClient = (configuration: Configuration): CloudWatchLogsClient =>
  new CloudWatchLogsClient(clientSettings(configuration))

/** For Berth's own service. */
export const berthClient = (configuration: Configuration): BerthClient =>
  new BerthClient(clientSettings(configuration))

/** Runs calls to Berth, and turns an endpoint that does not answer or refuses into a sentence. */
export const talking = async <T>(configuration: Configuration, run: () => Promise<T>): Promise<T> => {
  try {
    return await run()
  } catch (error) {
    const { name, message, code } = error as Error & { code?: string }
    if (code === 'ECONNREFUSED')
      throw new CommandFailure(
        `Nothing answers at ${endpointOf(configuration)}. Is Berth up? Start it with \`berth up\`.`,
      )
    if (name.endsWith('Exception')) throw new CommandFailure(`${name}: ${message}`)
    throw error
  }
}
