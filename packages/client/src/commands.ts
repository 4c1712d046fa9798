import type { ECSClientResolvedConfig } from '@aws-sdk/client-ecs'
import { makeBuilder } from '@smithy/core/client'
import { getEndpointPlugin } from '@smithy/core/endpoints'
import type { MetadataBearer, StaticOperationSchema } from '@smithy/types'
import type {
  GetCertificateAuthorityResponse,
  ListLoadBalancerAddressesRequest,
  ListLoadBalancerAddressesResponse,
  ListPausedServicesRequest,
  ListPausedServicesResponse,
  PauseServiceResponse,
  PreDeploymentTaskResponse,
  PutPreDeploymentTaskRequest,
  SearchServiceEventsRequest,
  SearchServiceEventsResponse,
  SearchStoppedTasksRequest,
  SearchStoppedTasksResponse,
  ServiceRequest,
} from './members.ts'
import {
  DeletePreDeploymentTask$,
  DescribePreDeploymentTask$,
  GetCertificateAuthority$,
  ListLoadBalancerAddresses$,
  ListPausedServices$,
  PauseService$,
  PutPreDeploymentTask$,
  ResumeService$,
  SearchServiceEvents$,
  SearchStoppedTasks$,
} from './schemas.ts'

/** What an endpoint's address is made of: where the client says it, it is that. */
const endpointParameters = {
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
  Region: { type: 'builtInParams', name: 'region' },
  UseDualStack: { type: 'builtInParams', name: 'useDualstackEndpoint' },
  UseFIPS: { type: 'builtInParams', name: 'useFipsEndpoint' },
} as const

const build = makeBuilder<ECSClientResolvedConfig, object, MetadataBearer>(
  endpointParameters,
  'Berth',
  'BerthClient',
  getEndpointPlugin,
)

const command = <Input extends object, Output>(schema: StaticOperationSchema) =>
  build<Input, Output & MetadataBearer>({}, () => [], schema[2], schema)

export const PauseServiceCommand = command<ServiceRequest, PauseServiceResponse>(PauseService$)
export const ResumeServiceCommand = command<ServiceRequest, PauseServiceResponse>(ResumeService$)
export const ListPausedServicesCommand = command<ListPausedServicesRequest, ListPausedServicesResponse>(
  ListPausedServices$,
)

export const GetCertificateAuthorityCommand = command<object, GetCertificateAuthorityResponse>(
  GetCertificateAuthority$,
)

export const ListLoadBalancerAddressesCommand = command<
  ListLoadBalancerAddressesRequest,
  ListLoadBalancerAddressesResponse
>(ListLoadBalancerAddresses$)

export const SearchStoppedTasksCommand = command<SearchStoppedTasksRequest, SearchStoppedTasksResponse>(
  SearchStoppedTasks$,
)
export const SearchServiceEventsCommand = command<SearchServiceEventsRequest, SearchServiceEventsResponse>(
  SearchServiceEvents$,
)

export const PutPreDeploymentTaskCommand = command<PutPreDeploymentTaskRequest, PreDeploymentTaskResponse>(
  PutPreDeploymentTask$,
)
export const DeletePreDeploymentTaskCommand = command<ServiceRequest, PreDeploymentTaskResponse>(
  DeletePreDeploymentTask$,
)
export const DescribePreDeploymentTaskCommand = command<ServiceRequest, PreDeploymentTaskResponse>(
  DescribePreDeploymentTask$,
)
