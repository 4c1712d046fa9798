import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionRequest,
  type Service,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { berthClient, ecsClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { changedRevision, isSameRevision, registrable } from '../deploy/changed-revision.ts'
import { describeService, eventIds, followDeployment } from '../deploy/follow-deployment.ts'
import { CommandFailure, UsageError } from '../failures.ts'
import { type Flags, text, texts } from '../flags.ts'
import { pausedServices } from '../listing/paused-services.ts'
import { shortName } from '../listing/words.ts'

interface Revision {
  readonly arn: string
  readonly family: string
  readonly content: RegisterTaskDefinitionRequest
}

/** A revision, or the newest ACTIVE one of a family. */
const readRevision = async (client: ECSClient, taskDefinition: string): Promise<Revision> => {
  const request = { taskDefinition, include: ['TAGS' as const] }
  const { taskDefinition: found, tags } = await client.send(new DescribeTaskDefinitionCommand(request))
  return {
    arn: found?.taskDefinitionArn ?? '',
    family: found?.family ?? '',
    content: registrable(found ?? {}, tags),
  }
}

/** The current revision when nothing changes, the newest one when it is what is wanted already, else a new one. */
const wantedRevision = async (client: ECSClient, service: Service, flags: Flags): Promise<string> => {
  const current = await readRevision(client, service.taskDefinition ?? '')
  const wanted = changedRevision(current.content, {
    images: texts(flags, 'image'),
    environment: texts(flags, 'env'),
  })
  if (isSameRevision(wanted, current.content)) return current.arn
  const newest = await newestRevision(client, current.family)
  if (newest && isSameRevision(wanted, newest.content)) return newest.arn
  const { taskDefinition } = await client.send(new RegisterTaskDefinitionCommand(wanted))
  return taskDefinition?.taskDefinitionArn ?? ''
}

/** A family whose revisions are all INACTIVE has none. */
const newestRevision = async (client: ECSClient, family: string): Promise<Revision | undefined> => {
  try {
    return await readRevision(client, family)
  } catch (error) {
    if ((error as Error).name === 'ClientException') return undefined
    throw error
  }
}

const timeoutOf = (flags: Flags): number => {
  const seconds = Number(text(flags, 'timeout') ?? 1_800)
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new UsageError('The time-out must be a number of seconds.')
  return seconds * 1_000
}

interface Deployed {
  readonly service: string
  readonly taskDefinition: string
  readonly deploymentId: string
  readonly changed: boolean
}

interface Begun {
  readonly deployed: Deployed
  /** Ids of the events from before. */
  readonly knownEvents: ReadonlySet<string>
}

const deployService = async (
  client: ECSClient,
  cluster: string,
  name: string,
  flags: Flags,
): Promise<Begun> => {
  const before = await describeService(client, cluster, name)
  refuseOtherControllers(before)
  const taskDefinition = await wantedRevision(client, before, flags)
  const changed = taskDefinition !== before.taskDefinition || flags['force'] === true
  const after = changed ? await updateService(client, cluster, name, taskDefinition, flags) : before
  const deploymentId = after.deployments?.find(({ status }) => status === 'PRIMARY')?.id ?? ''
  const deployed = { service: after.serviceName ?? name, taskDefinition, deploymentId, changed }
  return { deployed, knownEvents: eventIds(before) }
}

/** Before a revision is registered for nothing. */
const refuseOtherControllers = ({ serviceName, deploymentController }: Service): void => {
  const { type = 'ECS' } = deploymentController ?? {}
  if (type !== 'ECS')
    throw new CommandFailure(
      `${serviceName} has the deployment controller ${type}: its tasks are deployed with task sets, not with berth deploy.`,
    )
}

const updateService = async (
  client: ECSClient,
  cluster: string,
  service: string,
  taskDefinition: string,
  flags: Flags,
): Promise<Service> => {
  const forceNewDeployment = flags['force'] === true
  const answer = await client.send(
    new UpdateServiceCommand({ cluster, service, taskDefinition, forceNewDeployment }),
  )
  return answer.service ?? {}
}

const follow = async (
  { configuration, flags, output }: Invocation,
  cluster: string,
  { deployed: { service, deploymentId }, knownEvents }: Begun,
): Promise<boolean> => {
  const paused = await pausedServices(berthClient(configuration), cluster)
  if (paused.some(({ serviceName }) => serviceName === service))
    throw new CommandFailure(`${service} is paused: the deployment waits until it is resumed.`)
  const say = (words: string): void => (output.json ? output.note(words) : output.line(words))
  const client = ecsClient(configuration)
  const timeoutMs = timeoutOf(flags)
  return await followDeployment({ client, cluster, service, deploymentId, timeoutMs, knownEvents, say })
}

const run = async (invocation: Invocation): Promise<number> => {
  const { configuration, flags, positionals, output } = invocation
  const [name = ''] = positionals
  const cluster = text(flags, 'cluster') ?? 'default'
  if (texts(flags, 'image').length + texts(flags, 'env').length === 0 && flags['force'] !== true)
    throw new UsageError('Give an image, a variable or --force.')
  timeoutOf(flags)
  const client = ecsClient(configuration)
  const begun = await talking(configuration, () => deployService(client, cluster, name, flags))
  const { deployed } = begun
  const revision = shortName(deployed.taskDefinition)
  if (!output.json)
    output.line(
      deployed.changed
        ? `${deployed.service} is to run ${revision} (deployment ${deployed.deploymentId}).`
        : `${deployed.service} has ${revision} already, which is what was asked for.`,
    )
  const waits = flags['wait'] === true
  const completed = waits ? await talking(configuration, () => follow(invocation, cluster, begun)) : undefined
  if (output.json) output.show({ ...deployed, completed }, () => undefined)
  return completed === false ? 1 : 0
}

export const deploy: Command = {
  name: 'deploy',
  summary: 'Give a service another image or variable, as a new revision of its task definition',
  usage:
    'SERVICE --image [CONTAINER=]IMAGE … [--env NAME=VALUE …] [--force] [--wait [--timeout 1800]] [--cluster default]',
  options: {
    image: { type: 'string', multiple: true, short: 'i' },
    env: { type: 'string', multiple: true, short: 'e' },
    force: { type: 'boolean' },
    wait: { type: 'boolean', short: 'w' },
    timeout: { type: 'string' },
    cluster: { type: 'string' },
  },
  positionals: [1, 1],
  run,
}
