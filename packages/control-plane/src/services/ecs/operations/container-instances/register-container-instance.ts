import type { RegisterContainerInstanceRequest, RegisterContainerInstanceResponse } from '@aws-sdk/client-ecs'
import { containerInstanceArn, lastSegment } from '@berth/model'
import type { Transaction, View } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { isAgent, ownsInstance } from '../../agent-identity.ts'
import { accessDenied, clientException, containerInstanceNotFound } from '../../errors.ts'
import { clusterArnOf, findContainerInstance } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { containerInstanceResponse } from '../../responses/container-instance.ts'
import {
  type ClusterRow,
  type ContainerInstanceRow,
  clusters,
  containerInstances,
} from '../../tables/index.ts'
import { validateTags } from '../../tags.ts'
import { instanceAttributes, readIdentityDocument } from './instance-attributes.ts'
import { readResources } from './registered-resources.ts'

/** The agent sends a token that the published model does not have. */
type Registration = RegisterContainerInstanceRequest & { readonly clientToken?: string }

/** An instance that names its ARN comes back as the same instance; its session makes it connected. */
export const registerContainerInstance = operation<Registration, RegisterContainerInstanceResponse>({
  name: 'RegisterContainerInstance',
  effect: 'writes',
  resources: ({ cluster }, { scope }) => [clusterResource(scope, cluster)],
  handle: (request, call) => {
    const { store } = call
    const id = store.update(tx => {
      const cluster = clusterToJoin(tx, call, request.cluster)
      const earlier = earlierInstance(tx, call, cluster, request)
      const row = registeredInstance(request, call, cluster, earlier)
      tx.put(containerInstances, row)
      return row.id
    })
    const row = store.get(containerInstances, id)
    return { containerInstance: row && containerInstanceResponse(store, row, { tags: true, health: false }) }
  },
})

/** The agent makes the default cluster itself when this message says that there is none. */
const clusterToJoin = (view: View, { scope }: Call, reference: string | undefined): ClusterRow => {
  const cluster = view.get(clusters, clusterArnOf(scope, reference))
  if (cluster === undefined) throw clientException('Cluster not found.')
  if (cluster.status !== 'ACTIVE') throw clientException('The referenced cluster was inactive.')
  return cluster
}

/**
 * The instance that this one was before: by the ARN that it remembers; for an agent's own key, which may register one
 * instance, the one that it registered; else by the token, when the answer to the first try was lost.
 */
const earlierInstance = (
  tx: Transaction,
  { identity }: Call,
  cluster: ClusterRow,
  { containerInstanceArn: reference, clientToken }: Registration,
): ContainerInstanceRow | undefined => {
  if (!reference && isAgent(identity)) return instanceOfKey(tx, identity.accessKeyId, cluster)
  if (!reference)
    return clientToken ? instanceOfToken(tx, identity.accessKeyId, cluster, clientToken) : undefined
  const instance = findContainerInstance(tx, cluster, reference)
  if (instance === undefined) throw containerInstanceNotFound(lastSegment(reference))
  if (!ownsInstance(identity, instance))
    throw accessDenied(identity.arn, 'ecs:RegisterContainerInstance', instance.id)
  if (instance.status === 'INACTIVE') throw clientException('The referenced container instance was inactive.')
  return instance
}

const instanceOfToken = (
  view: View,
  accessKeyId: string,
  cluster: ClusterRow,
  token: string,
): ContainerInstanceRow | undefined => {
  for (const instance of view.where(containerInstances, 'byRegistrationToken', `${cluster.id}|${token}`))
    if (instance.registeredBy === accessKeyId) return instance
  return undefined
}

const instanceOfKey = (
  view: View,
  accessKeyId: string,
  cluster: ClusterRow,
): ContainerInstanceRow | undefined => {
  for (const instance of view.where(containerInstances, 'byRegistrant', accessKeyId)) {
    if (instance.clusterArn === cluster.id) return instance
    throw clientException(
      `The access key ${accessKeyId} belongs to ${instance.id}: deregister it before its agent joins another cluster.`,
    )
  }
  return undefined
}

const registeredInstance = (
  request: Registration,
  call: Call,
  cluster: ClusterRow,
  earlier: ContainerInstanceRow | undefined,
): ContainerInstanceRow => {
  const { scope, identity, now } = call
  const document = readIdentityDocument(request.instanceIdentityDocument)
  const attributes = instanceAttributes(request.attributes, earlier?.attributes ?? [], document, scope.region)
  return {
    ...(earlier ?? newInstance(call, cluster)),
    ...(document.instanceId !== undefined && { ec2InstanceId: document.instanceId }),
    agentKind: attributes.some(({ name }) => name?.startsWith('berth.'))
      ? 'berth'
      : (earlier?.agentKind ?? 'ecs'),
    registered: readResources(request.totalResources, request.platformDevices),
    attributes,
    platformDevices: request.platformDevices ?? [],
    versionInfo: { ...earlier?.versionInfo, ...request.versionInfo },
    tags: request.tags === undefined && earlier ? earlier.tags : validateTags(request.tags),
    registeredAt: earlier?.registeredAt ?? now,
    registeredBy: identity.accessKeyId,
    ...(request.clientToken && { registrationToken: request.clientToken }),
  }
}

type Identified = Pick<
  ContainerInstanceRow,
  'id' | 'clusterArn' | 'status' | 'agentConnected' | 'disconnectedAt' | 'ec2InstanceId'
>

/** Instances outside of EC2 have an id of this form in ECS, too. */
const newInstance = ({ scope, randomHex, now }: Call, cluster: ClusterRow): Identified => {
  const id = randomHex(16)
  return {
    id: containerInstanceArn(scope, cluster.name, id),
    clusterArn: cluster.id,
    status: 'ACTIVE',
    ec2InstanceId: `mi-${id.slice(0, 17)}`,
    agentConnected: false,
    disconnectedAt: now,
  }
}
