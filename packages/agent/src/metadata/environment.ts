/** What a container must know to find its endpoints. */
import type { PayloadContainer, PayloadTask } from '@berth/model'
import type { TaskResource } from '../tasks/resources/task-resource.ts'
import type { EndpointIds } from './endpoint-ids.ts'
import { linkLocalAddress } from './link-local-address.ts'

export interface EndpointUrls {
  readonly ids: EndpointIds
  /** For instance `http://169.254.170.2`. */
  readonly origin: string
}

/** (AWS: "Amazon ECS environment variables") */
export const endpointVariables = (
  { ids, origin }: EndpointUrls,
  payload: PayloadTask,
  container: PayloadContainer,
): Readonly<Record<string, string>> => {
  const id = ids.ofContainer(payload, container.name)
  return {
    ECS_CONTAINER_METADATA_URI: `${origin}/v3/${id}`,
    ECS_CONTAINER_METADATA_URI_V4: `${origin}/v4/${id}`,
    ECS_AGENT_URI: `${origin}/api/${id}`,
    ...(payload.definition?.taskRoleArn && credentialsVariable(ids, origin, payload)),
  }
}

/** SDKs know the address of a relative URI, and no port but 80. */
const credentialsVariable = (
  ids: EndpointIds,
  origin: string,
  payload: PayloadTask,
): Readonly<Record<string, string>> => {
  const path = `/v2/credentials/${ids.ofCredentials(payload)}`
  return origin === `http://${linkLocalAddress}`
    ? { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path }
    : { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}${path}` }
}

/** Nothing has to be made ahead: the endpoint answers for every task that the agent knows. */
export const endpointVariablesResource = (urls: EndpointUrls): TaskResource => ({
  name: 'task endpoints',
  isNeeded: () => true,
  prepare:
    async ({ payload }) =>
    (container, spec) => ({
      ...spec,
      environment: { ...spec.environment, ...endpointVariables(urls, payload, container) },
    }),
  release: async () => {},
})
