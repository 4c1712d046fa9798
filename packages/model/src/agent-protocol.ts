/**
 * The messages between the control plane and an agent, in the official Amazon ECS agent's words.
 * Types under "Berth's own" are ignored by the official agent, and are sent only to agents that say `berthProtocol`.
 */
import type { OfficialContainer } from './official-payload.ts'
import type {
  PayloadContainerDefinition,
  PayloadTaskDefinition,
  PayloadVolume,
} from './payload-definition.ts'
import type { AttachmentStatus, HealthStatus, TaskStatus } from './statuses.ts'

/** A frame of the agent communication service (ACS), both ways. */
export interface AcsFrame {
  readonly type: string
  readonly message: unknown
}

/** The query parameter with which Berth's own agent opens its ACS session, and the version it speaks. */
export const berthProtocolParameter = 'berthProtocol'
export const berthProtocolVersion = '1'

/** The query parameter that is the same in all sessions of one process of an agent, and another one in every other. */
export const berthProcessParameter = 'berthProcess'

// Control plane to agent

export interface HeartbeatMessage {
  readonly messageId: string
  readonly healthy: boolean
}

export interface PayloadMessage {
  readonly messageId: string
  readonly clusterArn: string
  readonly containerInstanceArn: string
  readonly generatedAt: number
  readonly seqNum: number
  readonly timeline?: number
  readonly tasks: readonly PayloadTask[]
}

export interface PayloadTask {
  readonly arn: string
  readonly taskClusterArn: string
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
  readonly family: string
  /** The revision, as text. */
  readonly version: string
  /** JSON of the task's overrides. */
  readonly overrides: string
  readonly containers: readonly PayloadContainer[]
  readonly volumes?: readonly PayloadVolume[]
  /** vCPU. */
  readonly cpu?: number
  /** MiB. */
  readonly memory?: number
  readonly networkMode?: string
  readonly pidMode?: string
  readonly ipcMode?: string
  readonly launchType?: string
  readonly serviceName?: string
  readonly group?: string
  readonly taskDefinitionAccountId?: string
  /** Berth's own: other tasks of its deployment wait for the digests of its images, which are reported before it runs. */
  readonly resolvesImages?: true
  readonly roleCredentials?: PayloadCredentials
  readonly executionRoleCredentials?: PayloadCredentials
  /** Of the network mode awsvpc: the task's one interface. */
  readonly elasticNetworkInterfaces?: readonly PayloadNetworkInterface[]
  /** For the official agent; Berth's own reads it in `definition`. */
  readonly enableFaultInjection?: true
  /** For the official agent: a GPU by its name, and the one container that has it. */
  readonly associations?: readonly {
    readonly containers: readonly string[]
    readonly content: { readonly encoding: string; readonly value: string }
    readonly name: string
    readonly type: 'gpu'
  }[]
  /** Berth's own. */
  readonly definition?: PayloadTaskDefinition
}

/** In the official agent's words. What filters and leads its traffic is told apart, as facts about the interface `ec2Id`. */
export interface PayloadNetworkInterface {
  /** `eth0` */
  readonly name: string
  readonly index: number
  /** `eni-0123…` */
  readonly ec2Id: string
  /** What its changes are reported under. */
  readonly attachmentArn: string
  readonly macAddress: string
  readonly ipv4Addresses: readonly { readonly privateAddress: string; readonly primary: boolean }[]
  readonly ipv6Addresses?: readonly { readonly address: string; readonly primary: boolean }[]
  /** With the length of the subnet's prefix: `10.0.0.1/24`. */
  readonly subnetGatewayIpv4Address: string
  /** Where there are IPv6 addresses: the router's link-local one, with its prefix: `fe80::1/64`. */
  readonly subnetGatewayIpv6Address?: string
  readonly privateDnsName: string
  /** What is searched for names without a dot. */
  readonly domainName: readonly string[]
  readonly domainNameServers: readonly string[]
}

export interface PayloadCredentials {
  readonly credentialsId: string
  readonly roleArn: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** RFC 3339, echoed back by the agent. */
  readonly expiration: string
}

export interface PayloadPortMapping {
  readonly containerPort?: number
  /** 0: the host chooses. */
  readonly hostPort?: number
  readonly containerPortRange?: string
  readonly protocol: 'tcp' | 'udp'
}

export interface PayloadContainer extends OfficialContainer {
  readonly name: string
  readonly image: string
  readonly essential: boolean
  /** CPU units, 1024 a core. */
  readonly cpu: number
  /** The hard limit in MiB; 0: none. */
  readonly memory: number
  readonly command?: readonly string[]
  readonly entryPoint?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** JSON; the only key the official agent accepts is `command`. */
  readonly overrides?: string
  readonly portMappings?: readonly PayloadPortMapping[]
  readonly links?: readonly string[]
  readonly volumesFrom?: readonly { sourceContainer: string; readOnly?: boolean }[]
  readonly mountPoints?: readonly { sourceVolume: string; containerPath: string; readOnly?: boolean }[]
  readonly dependsOn?: readonly {
    containerName: string
    condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY'
  }[]
  /** Seconds. */
  readonly startTimeout?: number
  /** Seconds. */
  readonly stopTimeout?: number
  readonly restartPolicy?: {
    enabled: boolean
    ignoredExitCodes?: readonly number[]
    restartAttemptPeriod?: number
  }
  readonly containerArn: string
  readonly privileged?: boolean
  /**
   * Berth's own: the container definition as ECS shows it, with overrides merged, in place of `dockerConfig`,
   * so that no agent of ours needs to read Docker's JSON.
   */
  readonly definition?: PayloadContainerDefinition
}

export interface TaskManifestMessage {
  readonly messageId: string
  readonly clusterArn: string
  readonly containerInstanceArn: string
  readonly generatedAt: number
  readonly timeline: number
  readonly tasks: readonly {
    readonly taskArn: string
    readonly taskClusterArn: string
    readonly desiredStatus: 'RUNNING' | 'STOPPED'
  }[]
}

/** New credentials of a role of a task that the agent runs, before the earlier ones end. */
export interface IamRoleCredentialsMessage {
  readonly messageId: string
  readonly taskArn: string
  readonly taskClusterArn: string
  readonly roleType: 'TaskApplication' | 'TaskExecution'
  readonly roleCredentials: PayloadCredentials
}

export interface TaskStopVerificationAck {
  readonly messageId: string
  readonly generatedAt: number
  readonly stopTasks: readonly {
    readonly taskArn: string
    readonly taskClusterArn: string
    readonly desiredStatus: 'STOPPED'
  }[]
}

// Agent to control plane

export interface HeartbeatAckRequest {
  readonly messageId: string
}
export interface AckRequest {
  readonly cluster: string
  readonly containerInstance: string
  readonly messageId: string
}
export interface NackRequest extends AckRequest {
  readonly reason: string
}
export interface TaskStopVerificationMessage {
  readonly messageId: string
  readonly stopCandidates: readonly {
    readonly taskArn: string
    readonly taskClusterArn: string
    readonly desiredStatus: 'STOPPED'
  }[]
}

// Berth's own: control plane to agent

/** `BerthSessionMessage`: the first frame of a session with Berth's own agent. */
export interface BerthSessionMessage {
  /** Under another incarnation than the one it remembers, an agent removes nothing. */
  readonly incarnation: string
  /** How often the agent sends `BerthHeartbeat`, in milliseconds. */
  readonly heartbeatIntervalMs: number
  /** How often the server sends a HeartbeatMessage, in milliseconds: an agent that hears nothing for thrice as long reconnects. */
  readonly serverHeartbeatIntervalMs: number
}

/**
 * The WebSocket close codes of a session that the server ends for a reason. After `silent` an agent reconnects at once;
 * after `replaced` (another agent has taken its identity) and `inactive` (its instance was deregistered) only after minutes.
 */
export const acsCloseCodes = {
  normal: 1000,
  goingAway: 1001,
  silent: 4408,
  replaced: 4409,
  inactive: 4410,
} as const

/** `BerthPrePull`: tasks with these images are likely to come. Nothing is answered, and nobody waits for it. */
export interface BerthPrePull {
  readonly images: readonly string[]
}

/**
 * `BerthStorageOrders`: what is to be done with volumes and snapshots on the agent's host. All that is open is told as a
 * session begins, and again as it changes, until a `BerthStorageResult` answers it: an order may come more than once.
 */
export interface BerthStorageOrders {
  readonly orders: readonly StorageOrder[]
}

export type StorageOrder =
  | { readonly action: 'DeleteVolume' | 'DeleteSnapshot'; readonly id: string }
  | { readonly action: 'CreateSnapshot'; readonly id: string; readonly volumeId: string }

/** `BerthStateChangesAck`: the changes of that message are durable. */
export interface BerthStateChangesAck {
  readonly messageId: string
}

/** `BerthExecMessage`: somebody waits for a command in a container; the agent opens `/exec/ws` for it. */
export interface BerthExecMessage {
  readonly sessionId: string
  readonly taskArn: string
  readonly containerName: string
  readonly command: string
  /** False: a client of Berth's that wants the two outputs apart, and the end of its input told. */
  readonly isTerminal: boolean
  /** The client reads payloads of type exitCode; AWS's would print them. */
  readonly wantsExitCode: boolean
}

// Berth's own: agent to control plane

/** `BerthHeartbeat`: the agent is alive. */
export type BerthHeartbeat = Record<string, never>

/** `BerthStateChanges`: changes in the order in which they happened; sent again until acknowledged. */
export interface BerthStateChanges {
  readonly messageId: string
  readonly changes: readonly TaskStateChange[]
}

/** `BerthStorageResult`: an order is carried out, on the host's disk, or can never be. */
export interface BerthStorageResult {
  readonly action: StorageOrder['action']
  readonly id: string
  /** Why not: of CreateSnapshot alone, what is to be deleted is tried until it is gone. */
  readonly problem?: string
}

/**
 * `BerthPullProgress`: every pull that tasks of the agent wait for, at most each 2 s. It is not kept on disk, and a lost
 * message is not missed: the next one says everything again.
 */
export interface BerthPullProgress {
  readonly pulls: readonly {
    readonly taskArn: string
    readonly container: string
    readonly image: string
    /** Of the layers whose size is known so far. */
    readonly downloadedBytes: number
    readonly totalBytes: number
  }[]
}

/** The answer of an agent that runs tasks of another incarnation: reported, neither stopped nor adopted. */
export interface BerthForeignTasks {
  readonly incarnation: string
  readonly taskArns: readonly string[]
}

/** What happened to a task on its host: the content of SubmitTaskStateChange, and what ours adds to it. */
export interface TaskStateChange {
  readonly taskArn: string
  /** Absent when only containers changed. */
  readonly status?: TaskStatus
  readonly reason?: string
  readonly stopCode?:
    | 'EssentialContainerExited'
    | 'TaskFailedToStart'
    | 'UserInitiated'
    | 'ServiceSchedulerInitiated'
    | 'TerminationNotice'
  readonly containers: readonly ContainerStateChange[]
  /** Those that changed; with STOPPED all that are still there: what such a report does not name is gone from the host. */
  readonly attachments?: readonly AttachmentStateChange[]
  /** Milliseconds on the host's clock: echoed, never compared. */
  readonly pullStartedAt?: number
  readonly pullStoppedAt?: number
  readonly executionStoppedAt?: number
  /** Berth's own, for `resolvesImages`: every image is on the host, and one without a digest came from no registry. */
  readonly imagesResolved?: true
}

export interface AttachmentStateChange {
  /** The attachment's id, or an ARN that ends with it. */
  readonly attachmentArn: string
  readonly status: AttachmentStatus
  /** Why it FAILED. */
  readonly reason?: string
}

export interface ContainerStateChange {
  readonly containerName: string
  readonly status?: 'PENDING' | 'RUNNING' | 'STOPPED'
  readonly runtimeId?: string
  readonly imageDigest?: string
  readonly exitCode?: number
  readonly reason?: string
  readonly healthStatus?: HealthStatus
  readonly networkBindings?: readonly (NetworkBinding | RangeBinding)[]
  /** Whether commands can be executed in it; absent where that was not asked for. */
  readonly executeCommandAgent?: ManagedAgentState
}

export interface ManagedAgentState {
  readonly status: ManagedAgentStatus
  readonly reason?: string
}

export type ManagedAgentStatus = 'PENDING' | 'RUNNING' | 'STOPPED'

export interface NetworkBinding {
  readonly bindIP: string
  readonly containerPort: number
  readonly hostPort: number
  readonly protocol: 'tcp' | 'udp'
}

/** What the official agent says of a containerPortRange: `8080-8090`. */
export interface RangeBinding {
  readonly bindIP: string
  readonly containerPortRange: string
  readonly hostPortRange: string
  readonly containerPort?: never
  readonly hostPort?: never
  readonly protocol: 'tcp' | 'udp'
}
