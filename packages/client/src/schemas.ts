/** The model of Berth's own service, in the form of the schemas that published client packages carry. */
import { Task$ } from '@aws-sdk/client-ecs'
import { ServiceException } from '@smithy/core/client'
import { TypeRegistry } from '@smithy/core/schema'
import type {
  $SchemaRef,
  StaticErrorSchema,
  StaticListSchema,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types'

export const namespace = 'dev.berth'

/** Members that need no schema of their own. */
const text = 0
const number = 1
const timestamp = 4

/** Required members come first: so many of them are. */
const structureOf = (
  name: string,
  members: Readonly<Record<string, $SchemaRef>>,
  required = 0,
): StaticStructureSchema => [3, namespace, name, 0, Object.keys(members), Object.values(members), required]

const listOf = (element: StaticStructureSchema): StaticListSchema => [
  1,
  namespace,
  `${element[2]}List`,
  0,
  () => element,
]

const operationOf = (
  name: string,
  input: StaticStructureSchema,
  output: StaticStructureSchema,
): StaticOperationSchema => [9, namespace, name, 0, () => input, () => output]

const refusal = (name: string): StaticErrorSchema => [
  -3,
  namespace,
  name,
  { error: 'client' },
  ['message'],
  [text],
]

/** Refusals have the names and the meanings of ECS's. */
export const ClientException$ = refusal('ClientException')
export const ClusterNotFoundException$ = refusal('ClusterNotFoundException')
export const InvalidParameterException$ = refusal('InvalidParameterException')
export const ServiceNotActiveException$ = refusal('ServiceNotActiveException')
export const ServiceNotFoundException$ = refusal('ServiceNotFoundException')

/** What every refusal is to a caller: its name is the code. */
class BerthServiceException extends ServiceException {}

const synthetic = `smithy.ts.sdk.synthetic.${namespace}`
const registry = new TypeRegistry(synthetic)
registry.registerError([-3, synthetic, 'BerthServiceException', 0, [], []], BerthServiceException)
export const errorTypeRegistries = [registry]

const pageRequest = { nextToken: text, maxResults: number } as const

const texts: StaticListSchema = [1, namespace, 'TextList', 0, text]

const PausedService$ = structureOf('PausedService', {
  serviceArn: text,
  serviceName: text,
  clusterArn: text,
  desiredCount: number,
  pausedAt: timestamp,
  pausedBy: text,
})
const ServiceRequest$ = structureOf('ServiceRequest', { service: text, cluster: text }, 1)
const PauseServiceResponse$ = structureOf('PauseServiceResponse', { service: () => PausedService$ })

export const PauseService$ = operationOf('PauseService', ServiceRequest$, PauseServiceResponse$)
export const ResumeService$ = operationOf('ResumeService', ServiceRequest$, PauseServiceResponse$)
export const ListPausedServices$ = operationOf(
  'ListPausedServices',
  structureOf('ListPausedServicesRequest', { cluster: text, ...pageRequest }),
  structureOf('ListPausedServicesResponse', { services: () => listOf(PausedService$), nextToken: text }),
)

const CertificateAuthority$ = structureOf('CertificateAuthority', { certificate: text, createdAt: timestamp })

export const GetCertificateAuthority$ = operationOf(
  'GetCertificateAuthority',
  structureOf('GetCertificateAuthorityRequest', {}),
  structureOf('GetCertificateAuthorityResponse', { certificateAuthority: () => CertificateAuthority$ }),
)

const LoadBalancerAddress$ = structureOf('LoadBalancerAddress', {
  loadBalancerArn: text,
  loadBalancerName: text,
  dnsName: text,
  state: text,
  address: text,
  containerInstanceArn: text,
})

export const ListLoadBalancerAddresses$ = operationOf(
  'ListLoadBalancerAddresses',
  structureOf('ListLoadBalancerAddressesRequest', pageRequest),
  structureOf('ListLoadBalancerAddressesResponse', {
    loadBalancers: () => listOf(LoadBalancerAddress$),
    nextToken: text,
  }),
)

const historyRequest = {
  cluster: text,
  service: text,
  since: timestamp,
  until: timestamp,
  ...pageRequest,
} as const

export const SearchStoppedTasks$ = operationOf(
  'SearchStoppedTasks',
  structureOf('SearchStoppedTasksRequest', { ...historyRequest, reason: text, exitCode: number }),
  structureOf('SearchStoppedTasksResponse', { tasks: () => listOf(Task$), nextToken: text }),
)

const PastServiceEvent$ = structureOf('PastServiceEvent', {
  serviceArn: text,
  id: text,
  createdAt: timestamp,
  message: text,
})

export const SearchServiceEvents$ = operationOf(
  'SearchServiceEvents',
  structureOf('SearchServiceEventsRequest', { ...historyRequest, message: text }),
  structureOf('SearchServiceEventsResponse', { events: () => listOf(PastServiceEvent$), nextToken: text }),
)

const preDeploymentTask = {
  taskDefinition: text,
  command: () => texts,
  container: text,
  timeoutInMinutes: number,
} as const
const PreDeploymentTask$ = structureOf('PreDeploymentTask', preDeploymentTask)
const PreDeploymentTaskResponse$ = structureOf('PreDeploymentTaskResponse', {
  serviceArn: text,
  preDeploymentTask: () => PreDeploymentTask$,
})

export const PutPreDeploymentTask$ = operationOf(
  'PutPreDeploymentTask',
  structureOf('PutPreDeploymentTaskRequest', { service: text, cluster: text, ...preDeploymentTask }, 1),
  PreDeploymentTaskResponse$,
)
export const DeletePreDeploymentTask$ = operationOf(
  'DeletePreDeploymentTask',
  ServiceRequest$,
  PreDeploymentTaskResponse$,
)
export const DescribePreDeploymentTask$ = operationOf(
  'DescribePreDeploymentTask',
  ServiceRequest$,
  PreDeploymentTaskResponse$,
)
