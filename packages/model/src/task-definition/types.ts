/**
 * The members of a task definition that rules look at, as the API names them: a RegisterTaskDefinition request and a
 * registered definition both fit.
 */

interface Named {
  readonly name?: string | undefined
}

export interface PortMappingLike extends Named {
  readonly containerPort?: number | undefined
  readonly containerPortRange?: string | undefined
  readonly hostPort?: number | undefined
  readonly protocol?: string | undefined
  readonly appProtocol?: string | undefined
}

interface HealthCheckLike {
  readonly command: readonly string[] | undefined
  readonly interval?: number | undefined
  readonly timeout?: number | undefined
  readonly retries?: number | undefined
  readonly startPeriod?: number | undefined
}

interface LogConfigurationLike {
  readonly logDriver: string | undefined
  readonly options?: Readonly<Record<string, string>> | undefined
  readonly secretOptions?: readonly SecretLike[] | undefined
}

interface SecretLike {
  readonly name: string | undefined
  readonly valueFrom: string | undefined
}

export interface LinuxParametersLike {
  readonly capabilities?:
    | { readonly add?: readonly string[] | undefined; readonly drop?: readonly string[] | undefined }
    | undefined
  readonly devices?:
    | readonly { readonly hostPath: string | undefined; readonly containerPath?: string | undefined }[]
    | undefined
  readonly initProcessEnabled?: boolean | undefined
  readonly sharedMemorySize?: number | undefined
  readonly tmpfs?:
    | readonly {
        readonly containerPath: string | undefined
        readonly size: number | undefined
        readonly mountOptions?: readonly string[] | undefined
      }[]
    | undefined
  readonly maxSwap?: number | undefined
  readonly swappiness?: number | undefined
}

export interface ContainerLike extends Named {
  readonly image?: string | undefined
  readonly cpu?: number | undefined
  readonly memory?: number | undefined
  readonly memoryReservation?: number | undefined
  readonly links?: readonly string[] | undefined
  readonly portMappings?: readonly PortMappingLike[] | undefined
  readonly essential?: boolean | undefined
  readonly restartPolicy?:
    | {
        readonly enabled: boolean | undefined
        readonly ignoredExitCodes?: readonly number[] | undefined
        readonly restartAttemptPeriod?: number | undefined
      }
    | undefined
  readonly environment?:
    | readonly { readonly name?: string | undefined; readonly value?: string | undefined }[]
    | undefined
  readonly environmentFiles?:
    | readonly { readonly value: string | undefined; readonly type: string | undefined }[]
    | undefined
  readonly mountPoints?:
    | readonly {
        readonly sourceVolume?: string | undefined
        readonly containerPath?: string | undefined
        readonly readOnly?: boolean | undefined
      }[]
    | undefined
  readonly entryPoint?: readonly string[] | undefined
  readonly command?: readonly string[] | undefined
  readonly workingDirectory?: string | undefined
  readonly user?: string | undefined
  readonly volumesFrom?: readonly { readonly sourceContainer?: string | undefined }[] | undefined
  readonly linuxParameters?: LinuxParametersLike | undefined
  readonly secrets?: readonly SecretLike[] | undefined
  readonly dependsOn?:
    | readonly { readonly containerName: string | undefined; readonly condition: string | undefined }[]
    | undefined
  readonly startTimeout?: number | undefined
  readonly stopTimeout?: number | undefined
  readonly hostname?: string | undefined
  readonly disableNetworking?: boolean | undefined
  readonly privileged?: boolean | undefined
  readonly readonlyRootFilesystem?: boolean | undefined
  readonly dnsServers?: readonly string[] | undefined
  readonly dnsSearchDomains?: readonly string[] | undefined
  readonly extraHosts?:
    | readonly { readonly hostname: string | undefined; readonly ipAddress: string | undefined }[]
    | undefined
  readonly dockerSecurityOptions?: readonly string[] | undefined
  readonly dockerLabels?: Readonly<Record<string, string>> | undefined
  readonly ulimits?:
    | readonly {
        readonly name: string | undefined
        readonly softLimit: number | undefined
        readonly hardLimit: number | undefined
      }[]
    | undefined
  readonly logConfiguration?: LogConfigurationLike | undefined
  readonly healthCheck?: HealthCheckLike | undefined
  readonly systemControls?:
    | readonly { readonly namespace?: string | undefined; readonly value?: string | undefined }[]
    | undefined
  readonly resourceRequirements?:
    | readonly { readonly type: string | undefined; readonly value?: string | undefined }[]
    | undefined
  readonly firelensConfiguration?:
    | {
        readonly type: string | undefined
        readonly options?: Readonly<Record<string, string>> | undefined
      }
    | undefined
  readonly repositoryCredentials?: unknown
  readonly credentialSpecs?: readonly string[] | undefined
}

export interface VolumeLike extends Named {
  readonly host?: { readonly sourcePath?: string | undefined } | undefined
  readonly dockerVolumeConfiguration?:
    | {
        readonly scope?: string | undefined
        readonly autoprovision?: boolean | undefined
        readonly driver?: string | undefined
      }
    | undefined
  readonly efsVolumeConfiguration?:
    | {
        readonly fileSystemId: string | undefined
        readonly rootDirectory?: string | undefined
        readonly transitEncryption?: string | undefined
        readonly transitEncryptionPort?: number | undefined
        readonly authorizationConfig?:
          | { readonly accessPointId?: string | undefined; readonly iam?: string | undefined }
          | undefined
      }
    | undefined
  readonly s3filesVolumeConfiguration?: object | undefined
  readonly fsxWindowsFileServerVolumeConfiguration?: object | undefined
  readonly configuredAtLaunch?: boolean | undefined
}

export interface DefinitionLike {
  readonly family?: string | undefined
  readonly containerDefinitions?: readonly ContainerLike[] | undefined
  readonly taskRoleArn?: string | undefined
  readonly executionRoleArn?: string | undefined
  readonly enableFaultInjection?: boolean | undefined
  readonly networkMode?: string | undefined
  readonly volumes?: readonly VolumeLike[] | undefined
  readonly placementConstraints?:
    | readonly { readonly type?: string | undefined; readonly expression?: string | undefined }[]
    | undefined
  readonly requiresCompatibilities?: readonly string[] | undefined
  readonly cpu?: string | undefined
  readonly memory?: string | undefined
  readonly pidMode?: string | undefined
  readonly ipcMode?: string | undefined
  readonly proxyConfiguration?:
    | {
        readonly containerName: string | undefined
        readonly properties?:
          | readonly { readonly name?: string | undefined; readonly value?: string | undefined }[]
          | undefined
      }
    | undefined
  readonly ephemeralStorage?: { readonly sizeInGiB: number | undefined } | undefined
  readonly inferenceAccelerators?: readonly unknown[] | undefined
  readonly runtimePlatform?:
    | { readonly cpuArchitecture?: string | undefined; readonly operatingSystemFamily?: string | undefined }
    | undefined
}

/** Gives the problems of what it looks at, in the words that ECS refuses them with; the first one is told. */
export type Problems = Iterable<string>
