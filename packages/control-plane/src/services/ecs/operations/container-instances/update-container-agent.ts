import type { UpdateContainerAgentRequest, UpdateContainerAgentResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { containerInstanceNotFound, missingVersion, noUpdateAvailable } from '../../errors.ts'
import {
  activeCluster,
  containerInstanceArnOf,
  findCluster,
  findContainerInstance,
} from '../../references.ts'

/** Agents are updated with the host's packages: there never is an update that could be sent to one. */
export const updateContainerAgent = operation<UpdateContainerAgentRequest, UpdateContainerAgentResponse>({
  name: 'UpdateContainerAgent',
  effect: 'writes',
  resources: (request, { store, scope }) => {
    const cluster = findCluster(store, scope, request.cluster)
    return [containerInstanceArnOf(cluster, request.containerInstance ?? '')]
  },
  handle: (request, { store, scope }) => {
    const reference = request.containerInstance ?? ''
    const instance = findContainerInstance(store, activeCluster(store, scope, request.cluster), reference)
    if (instance === undefined || instance.status === 'INACTIVE') throw containerInstanceNotFound(reference)
    throw instance.versionInfo.agentVersion ? noUpdateAvailable() : missingVersion()
  },
})
