/** One container's log: where Docker writes it, and where it belongs in CloudWatch Logs. */
export interface LogSource {
  readonly taskArn: string
  readonly containerName: string
  /** Docker's container id. */
  readonly runtimeId: string
  /** The json-file's path, as Docker's inspect gives it in LogPath. */
  readonly logPath: string
  readonly group: string
  readonly stream: string
  /** The task definition's logConfiguration.options. */
  readonly options: Readonly<Record<string, string>>
}

/** Carries containers' output from Docker's json-files into CloudWatch Logs: no line lost or doubled across restarts. */
export interface LogShipper {
  /** Starts (or, after the agent's restart, resumes) shipping of a source. A second call for the same runtimeId does nothing. */
  follow(source: LogSource): void
  /** Resolves when everything that the file holds is acknowledged by the control plane. Call after the container's exit. */
  drained(runtimeId: string): Promise<void>
  /** Stops shipping of a source and drops its checkpoint. Call when the container is removed. */
  forget(runtimeId: string): void
  /** Stops everything. What is not acknowledged is read again after the next start. */
  stop(): Promise<void>
}
