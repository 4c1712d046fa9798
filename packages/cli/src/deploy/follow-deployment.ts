import { setTimeout as delay } from 'node:timers/promises'
import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  type Service,
} from '@aws-sdk/client-ecs'
import { CommandFailure } from '../failures.ts'
import { deploymentProgress } from './deployment-progress.ts'
import { stageWords } from './stage-words.ts'

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
    const stage = outcome === 'under way' ? await stageOf(client, cluster, service) : undefined
    const all = stage === undefined ? words : `${stage}: ${words}`
    if (all !== lastWords) say(all)
    lastWords = all
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

/** Only deployments with a strategy, or with hooks, have stages. */
const stageOf = async (
  client: ECSClient,
  cluster: string,
  { serviceName: service, deploymentConfiguration }: Service,
): Promise<string | undefined> => {
  const { strategy = 'ROLLING', lifecycleHooks = [] } = deploymentConfiguration ?? {}
  if (strategy === 'ROLLING' && lifecycleHooks.length === 0) return undefined
  const listed = await client.send(new ListServiceDeploymentsCommand({ cluster, service, maxResults: 1 }))
  const arns = (listed.serviceDeployments ?? []).flatMap(
    ({ serviceDeploymentArn }) => serviceDeploymentArn ?? [],
  )
  if (arns.length === 0) return undefined
  const { serviceDeployments = [] } = await client.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns }),
  )
  return stageWords(serviceDeployments[0])
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
