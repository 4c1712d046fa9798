import { setTimeout as delay } from 'node:timers/promises'
import { DescribeServicesCommand, type ECSClient, type Service } from '@aws-sdk/client-ecs'
import { CommandFailure } from '../failures.ts'
import { deploymentProgress } from './deployment-progress.ts'

export interface Followed {
  readonly client: ECSClient
  readonly cluster: string
  readonly service: string
  readonly deploymentId: string
  readonly timeoutMs: number
  /** Ids of the events that were there before. */
  readonly knownEvents: ReadonlySet<string>
  /** Is told each event of the service, and how far the deployment is whenever that changes. */
  readonly say: (words: string) => void
}

const pollMs = 500

/** Says what happens until the deployment is over, and resolves to whether it completed. */
export const followDeployment = async (followed: Followed): Promise<boolean> => {
  const { client, cluster, service: name, deploymentId, timeoutMs, say } = followed
  const endsAt = Date.now() + timeoutMs
  let saidEvents = followed.knownEvents
  let lastWords = ''
  for (;;) {
    const service = await describeService(client, cluster, name)
    saidEvents = sayEvents(service, saidEvents, say)
    const { outcome, words } = deploymentProgress(service, deploymentId)
    if (words !== lastWords) say(words)
    lastWords = words
    if (outcome !== 'under way') return outcome === 'completed'
    if (Date.now() > endsAt)
      throw new CommandFailure(
        `The deployment goes on, and has not completed within ${timeoutMs / 1_000} seconds.`,
      )
    await delay(pollMs)
  }
}

export const describeService = async (client: ECSClient, cluster: string, name: string): Promise<Service> => {
  const { services = [] } = await client.send(new DescribeServicesCommand({ cluster, services: [name] }))
  const [service] = services
  if (service === undefined || service.status !== 'ACTIVE')
    throw new CommandFailure(`There is no service ${name} in the cluster ${cluster}.`)
  return service
}

export const eventIds = ({ events = [] }: Service): ReadonlySet<string> =>
  new Set(events.map(({ id = '' }) => id))

const sayEvents = (
  service: Service,
  said: ReadonlySet<string>,
  say: (words: string) => void,
): ReadonlySet<string> => {
  for (const { id = '', message = '' } of (service.events ?? []).toReversed()) if (!said.has(id)) say(message)
  return eventIds(service)
}
