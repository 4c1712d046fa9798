/** What the operations take and answer. */
import type { ServiceEvent, Task } from '@aws-sdk/client-ecs'

export interface ServiceRequest {
  /** Name or ARN; default: `default`. */
  readonly cluster?: string | undefined
  /** Name or ARN. */
  readonly service: string | undefined
}

export interface PausedService {
  readonly serviceArn?: string | undefined
  readonly serviceName?: string | undefined
  readonly clusterArn?: string | undefined
  /** What the service is scaled to when it is resumed. */
  readonly desiredCount?: number | undefined
  /** Absent in the answer to ResumeService. */
  readonly pausedAt?: Date | undefined
  /** The ARN of who paused it. */
  readonly pausedBy?: string | undefined
}

export interface PauseServiceResponse {
  readonly service?: PausedService | undefined
}

export interface ListPausedServicesRequest {
  readonly cluster?: string | undefined
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

export interface ListPausedServicesResponse {
  readonly services?: readonly PausedService[] | undefined
  readonly nextToken?: string | undefined
}

/** Berth's own, of the caller's account: what issues the certificates that ACM is asked for. */
export interface CertificateAuthority {
  /** PEM. */
  readonly certificate?: string | undefined
  readonly createdAt?: Date | undefined
}

export interface GetCertificateAuthorityResponse {
  /** Absent until the first certificate has been requested. */
  readonly certificateAuthority?: CertificateAuthority | undefined
}

/** Where a load balancer listens, of which the answers of Elastic Load Balancing tell the name alone. */
export interface LoadBalancerAddress {
  readonly loadBalancerArn?: string | undefined
  readonly loadBalancerName?: string | undefined
  readonly dnsName?: string | undefined
  /** As Elastic Load Balancing has it: `active`. */
  readonly state?: string | undefined
  /** Absent until it has one. */
  readonly address?: string | undefined
  /** The host that carries it; absent while none does. */
  readonly containerInstanceArn?: string | undefined
}

export interface ListLoadBalancerAddressesRequest {
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

export interface ListLoadBalancerAddressesResponse {
  readonly loadBalancers?: readonly LoadBalancerAddress[] | undefined
  readonly nextToken?: string | undefined
}

/** What is past of a cluster, between two times. */
interface HistoryRequest {
  readonly cluster?: string | undefined
  /** Name or ARN; also of a service that is gone. */
  readonly service?: string | undefined
  /** This time itself is within. */
  readonly since?: Date | undefined
  /** This time itself is not. */
  readonly until?: Date | undefined
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

export interface SearchStoppedTasksRequest extends HistoryRequest {
  /** Part of a stoppedReason, a stopCode or a container's reason, in capital or small letters. */
  readonly reason?: string | undefined
  /** Of one of its containers. */
  readonly exitCode?: number | undefined
}

export interface SearchStoppedTasksResponse {
  /** Newest first; those that stopped within one minute of the last hour in no order. */
  readonly tasks?: readonly Task[] | undefined
  readonly nextToken?: string | undefined
}

export interface SearchServiceEventsRequest extends HistoryRequest {
  /** Part of it, in capital or small letters. */
  readonly message?: string | undefined
}

export interface PastServiceEvent extends ServiceEvent {
  readonly serviceArn?: string | undefined
}

export interface SearchServiceEventsResponse {
  /** Newest first. */
  readonly events?: readonly PastServiceEvent[] | undefined
  readonly nextToken?: string | undefined
}

/** A task that must end well before a deployment of the service starts its own. */
export interface PreDeploymentTask {
  /** A family, whose newest revision runs, or a revision; absent: that of the deployment itself. */
  readonly taskDefinition?: string | undefined
  /** Instead of its container's own. */
  readonly command?: readonly string[] | undefined
  /** The container that gets the command; default: the only one, or the only essential one. */
  readonly container?: string | undefined
  /** From 1 to 20,160, default 60: a task that has not ended by then fails the deployment. */
  readonly timeoutInMinutes?: number | undefined
}

export interface PutPreDeploymentTaskRequest extends ServiceRequest, PreDeploymentTask {}

export interface PreDeploymentTaskResponse {
  readonly serviceArn?: string | undefined
  /** Absent where the service has none. */
  readonly preDeploymentTask?: PreDeploymentTask | undefined
}
