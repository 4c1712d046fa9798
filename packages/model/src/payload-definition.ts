/** Berth's own part of a payload: what a task definition says beyond the official agent's members, in ECS's words. */

/** A value that is kept in Secrets Manager or in Parameter Store. */
export interface PayloadSecret {
  readonly name: string
  readonly valueFrom: string
}

export interface PayloadLinuxParameters {
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  readonly devices?: readonly {
    readonly hostPath: string
    readonly containerPath?: string
    readonly permissions?: readonly ('read' | 'write' | 'mknod')[]
  }[]
  readonly initProcessEnabled?: boolean
  /** MiB. */
  readonly sharedMemorySize?: number
  readonly tmpfs?: readonly {
    readonly containerPath: string
    /** MiB. */
    readonly size: number
    readonly mountOptions?: readonly string[]
  }[]
  /** MiB; 0: no swap. */
  readonly maxSwap?: number
  /** 0 to 100. */
  readonly swappiness?: number
}

/** What a container definition says beyond the members that a payload container already has. */
export interface PayloadContainerDefinition {
  /** The soft limit in MiB. */
  readonly memoryReservation?: number
  readonly user?: string
  readonly workingDirectory?: string
  readonly hostname?: string
  readonly dockerLabels?: Readonly<Record<string, string>>
  readonly logConfiguration?: {
    readonly logDriver: string
    readonly options: Readonly<Record<string, string>>
    readonly secretOptions?: readonly PayloadSecret[]
  }
  /** Seconds; defaults (30, 5, 3, 0) are filled in. */
  readonly healthCheck?: {
    readonly command: readonly string[]
    readonly interval: number
    readonly timeout: number
    readonly retries: number
    readonly startPeriod: number
  }
  readonly privileged?: boolean
  readonly readonlyRootFilesystem?: boolean
  readonly interactive?: boolean
  readonly pseudoTerminal?: boolean
  readonly linuxParameters?: PayloadLinuxParameters
  readonly ulimits?: readonly {
    readonly name: string
    readonly softLimit: number
    readonly hardLimit: number
  }[]
  readonly systemControls?: readonly { readonly namespace: string; readonly value: string }[]
  readonly extraHosts?: readonly { readonly hostname: string; readonly ipAddress: string }[]
  readonly dnsServers?: readonly string[]
  readonly dnsSearchDomains?: readonly string[]
  readonly dockerSecurityOptions?: readonly string[]
  readonly disableNetworking?: boolean
  readonly secrets?: readonly PayloadSecret[]
  readonly environmentFiles?: readonly { readonly type: string; readonly value: string }[]
  readonly repositoryCredentials?: { readonly credentialsParameter: string }
  readonly firelensConfiguration?: {
    readonly type: 'fluentd' | 'fluentbit'
    readonly options?: Readonly<Record<string, string>>
  }
  readonly resourceRequirements?: readonly {
    readonly type: 'GPU' | 'InferenceAccelerator' | 'NeuronDevice'
    readonly value?: string
  }[]
  /** The host's GPUs that the scheduler gave the container. */
  readonly gpuIds?: readonly string[]
  readonly credentialSpecs?: readonly string[]
}

/** A volume of a task definition. Exactly the members of its type are there. */
export interface PayloadVolume {
  readonly name: string
  readonly type?: 'host' | 'docker' | 'efs' | 'fsxWindowsFileServer' | 's3files' | 'configuredAtLaunch'
  /** Without a source path: a volume that lives as long as the task. */
  readonly host?: { readonly sourcePath?: string }
  readonly dockerVolumeConfiguration?: {
    readonly scope: 'task' | 'shared'
    readonly autoprovision?: boolean
    readonly driver?: string
    readonly driverOpts?: Readonly<Record<string, string>>
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly efsVolumeConfiguration?: {
    readonly fileSystemId: string
    readonly rootDirectory?: string
    readonly transitEncryption?: 'ENABLED' | 'DISABLED'
    readonly transitEncryptionPort?: number
    readonly authorizationConfig?: {
      readonly accessPointId?: string
      readonly iam?: 'ENABLED' | 'DISABLED'
    }
    /** Where the file system is served; absent: the operator of the host says it. */
    readonly mountTarget?: {
      readonly address: string
      readonly path?: string
      /** Paths within the file system, by the access point's id. */
      readonly accessPoints?: Readonly<Record<string, { readonly path: string }>>
    }
  }
  /** What the task got for a volume that is configured at launch. */
  readonly ebs?: PayloadEbsVolume
}

export interface PayloadEbsVolume {
  /** What the agent reports the volume's way under: its id in DescribeTasks. */
  readonly attachmentId: string
  readonly volumeId: string
  /** Absent: as large as its snapshot. */
  readonly sizeInGiB?: number
  readonly filesystemType: 'ext3' | 'ext4' | 'xfs'
  readonly snapshotId?: string
  /** Else it stays when the task has ended. */
  readonly deleteOnTermination: boolean
}

/** What the task itself says, for Berth's agent alone. */
export interface PayloadTaskDefinition {
  readonly taskRoleArn?: string
  readonly executionRoleArn?: string
  readonly enableFaultInjection?: boolean
  readonly enableExecuteCommand?: boolean
  readonly ephemeralStorage?: { readonly sizeInGiB: number }
}
