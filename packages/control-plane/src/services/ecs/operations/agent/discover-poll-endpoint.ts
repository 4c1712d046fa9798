import type { DiscoverPollEndpointRequest, DiscoverPollEndpointResponse } from '@aws-sdk/client-ecs'
import { type Call, operation } from '../../../service.ts'
import { containerInstanceNotFound, invalidParameter } from '../../errors.ts'
import { reachedEndpoint } from '../../reached-endpoint.ts'
import { activeCluster, findContainerInstance } from '../../references.ts'

/** Where the agent's sessions are: at the address that it reached us under. It appends `/ws` to both. */
export const discoverPollEndpoint = operation<DiscoverPollEndpointRequest, DiscoverPollEndpointResponse>({
  name: 'DiscoverPollEndpoint',
  effect: 'reads',
  resources: () => ['*'],
  handle: (request, call) => {
    checkInstance(request, call)
    const base = reachedEndpoint(call.request.headers)
    if (base === undefined) throw invalidParameter('The request has no Host header.')
    return { endpoint: `${base}/acs`, telemetryEndpoint: `${base}/tcs` }
  },
})

const checkInstance = (request: DiscoverPollEndpointRequest, { store, scope }: Call): void => {
  if (!request.containerInstance) return
  const cluster = activeCluster(store, scope, request.cluster)
  const instance = findContainerInstance(store, cluster, request.containerInstance)
  // The agent of a deregistered instance learns what happened where it opens its session.
  if (instance === undefined) throw containerInstanceNotFound(request.containerInstance)
}
