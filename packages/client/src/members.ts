/** What the operations take and answer. */

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
