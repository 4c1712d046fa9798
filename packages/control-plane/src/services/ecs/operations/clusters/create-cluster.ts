import { isDeepStrictEqual } from 'node:util'
import type { CreateClusterRequest, CreateClusterResponse } from '@aws-sdk/client-ecs'
import { scopeKey } from '@berth/model'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { isAgent } from '../../agent-identity.ts'
import { accessDenied, invalidParameter } from '../../errors.ts'
import { clusterArnOf, requireClusterName } from '../../references.ts'
import { clusterResponse, everyClusterField } from '../../responses/cluster.ts'
import { type ClusterRow, clusters } from '../../tables/index.ts'
import { validateTags } from '../../tags.ts'
import {
  checkCapacityProviders,
  checkConfiguration,
  serviceConnectDefaultsOf,
  settingsOf,
} from './cluster-specification.ts'

/** Idempotent by name: the same request again gets the cluster that is there. An INACTIVE name starts anew. */
export const createCluster = operation<CreateClusterRequest, CreateClusterResponse>({
  name: 'CreateCluster',
  effect: 'writes',
  resources: () => ['*'],
  handle: (input, call) => {
    const wanted = rowOf(input, call)
    // The official agent of an operator who names no cluster makes this one when there is none.
    if (isAgent(call.identity) && wanted.name !== 'default')
      throw accessDenied(call.identity.arn, 'ecs:CreateCluster', wanted.id)
    const row = call.store.update(tx => create(tx, wanted, input))
    return { cluster: clusterResponse(call.store, row, everyClusterField) }
  },
})

const create = (tx: Transaction, wanted: ClusterRow, input: CreateClusterRequest): ClusterRow => {
  const existing = tx.get(clusters, wanted.id)
  if (existing?.status !== 'ACTIVE') {
    tx.put(clusters, wanted)
    return wanted
  }
  if (contradicts(input, wanted, existing))
    throw invalidParameter(
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    )
  return existing
}

const comparable = [
  'tags',
  'settings',
  'configuration',
  'capacityProviders',
  'defaultCapacityProviderStrategy',
  'serviceConnectDefaults',
] as const

/** Only what the request says is compared: a bare name contradicts nothing. */
const contradicts = (input: CreateClusterRequest, wanted: ClusterRow, existing: ClusterRow): boolean =>
  comparable.some(
    member => input[member] !== undefined && !isDeepStrictEqual(wanted[member], existing[member]),
  )

const rowOf = (input: CreateClusterRequest, call: Call): ClusterRow => {
  const { clusterName: name = 'default', capacityProviders = [], configuration } = input
  const strategy = input.defaultCapacityProviderStrategy ?? []
  requireClusterName(name)
  if (name.startsWith('arn:')) throw invalidParameter('Invalid cluster name: an ARN is not a name.')
  checkConfiguration(configuration)
  checkCapacityProviders(capacityProviders, strategy)
  return {
    id: clusterArnOf(call.scope, name),
    scope: scopeKey(call.scope),
    name,
    status: 'ACTIVE',
    settings: settingsOf(input.settings, call),
    configuration,
    capacityProviders,
    defaultCapacityProviderStrategy: strategy,
    serviceConnectDefaults: serviceConnectDefaultsOf(input.serviceConnectDefaults),
    tags: validateTags(input.tags),
    createdAt: call.now,
  }
}
