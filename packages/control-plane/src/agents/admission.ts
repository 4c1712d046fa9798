/** Who may open a session: decided from the upgrade request and the rows, before anything is accepted. */
import { AwsError, type Identity } from '@berth/aws-api'
import { berthProcessParameter, berthProtocolParameter, lastSegment } from '@berth/model'
import { type ContainerInstanceRow, containerInstances } from '../services/ecs/tables/index.ts'
import type { View } from '../store/view.ts'
import type { AgentKind } from './presence.ts'

/** Whether an identity may do an action to resources: the server's one authorisation point. */
export type Authorize = (identity: Identity, action: string, resources: readonly string[]) => boolean

export interface SessionRequest {
  readonly containerInstanceArn: string
  /** A name or ARN, as the agent was configured; empty when it says none. */
  readonly cluster: string
  readonly kind: AgentKind
  /** Which process it is, as Berth's own agent says. */
  readonly process?: string | undefined
  readonly agentVersion: string | undefined
  readonly agentHash: string | undefined
  readonly dockerVersion: string | undefined
  /** The base URL that the agent reached us under: its host's log driver reaches us there, too. */
  readonly endpoint?: string | undefined
}

/** Reads the query of `/acs/ws` and `/tcs/ws`; the two name the same things differently. */
export const readSessionRequest = (query: string): SessionRequest => {
  const parameters = new URLSearchParams(query)
  const text = (name: string) => parameters.get(name) || undefined
  return {
    containerInstanceArn: text('containerInstanceArn') ?? text('containerInstance') ?? '',
    cluster: text('clusterArn') ?? text('cluster') ?? '',
    kind: text(berthProtocolParameter) ? 'berth' : 'ecs',
    process: text(berthProcessParameter),
    agentVersion: text('agentVersion'),
    agentHash: text('agentHash'),
    dockerVersion: text('dockerVersion'),
  }
}

/** Throws AwsError with one of the exceptions that the agent knows of an upgrade. */
export const admit = (
  view: View,
  identity: Identity,
  action: 'ecs:Poll' | 'ecs:StartTelemetrySession',
  request: SessionRequest,
  authorize: Authorize,
): ContainerInstanceRow => {
  const { containerInstanceArn, cluster } = request
  if (!authorize(identity, action, [containerInstanceArn]))
    throw new AwsError(
      'AccessDeniedException',
      `User: ${identity.arn} is not authorized to perform: ${action} on resource: ${containerInstanceArn}`,
      { statusCode: 403 },
    )
  const instance = view.get(containerInstances, containerInstanceArn)
  if (instance === undefined)
    throw new AwsError(
      'InvalidInstanceException',
      `The container instance ${containerInstanceArn} is not registered.`,
    )
  if (cluster !== '' && lastSegment(cluster) !== lastSegment(instance.clusterArn))
    throw new AwsError('InvalidClusterException', `The container instance is not in the cluster ${cluster}.`)
  if (instance.status === 'INACTIVE')
    throw new AwsError('InactiveInstanceException', 'The container instance was deregistered.')
  return instance
}
