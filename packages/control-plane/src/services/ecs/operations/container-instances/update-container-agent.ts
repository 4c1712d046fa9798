import type { UpdateContainerAgentRequest, UpdateContainerAgentResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { containerInstanceNotFound, missingVersion, noUpdateAvailable } from '../../errors.ts'
import { activeCluster, findContainerInstance } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'

/** Agents are updated with the host's packages: there never is an update that could be sent to one. */
export const updateContainerAgent = operation<UpdateContainerAgentRequest, UpdateContainerAgentResponse>({
  name: 'UpdateContainerAgent',
  effect: 'writes',
  resources: ({ cluster, containerInstance }, { scope }) => [
    resourceInCluster(scope, 'container-instance', cluster, containerInstance),
  ],
  handle: (request, { store, scope }) => {
    const reference = request.containerInstance ?? ''
    const instance = findContainerInstance(store, activeCluster(store, scope, request.cluster), reference)
    if (instance === undefined || instance.status === 'INACTIVE') throw containerInstanceNotFound(reference)
    throw instance.versionInfo.agentVersion ? noUpdateAvailable() : missingVersion()
  },
})
