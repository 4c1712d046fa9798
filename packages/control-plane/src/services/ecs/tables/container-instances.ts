import type {
  Attribute,
  InstanceHealthCheckState,
  PlatformDevice,
  Tag,
  VersionInfo,
} from '@aws-sdk/client-ecs'
import { scopeKey, scopeOfArn } from '@berth/model'
import { type Aggregate, defineTable, type Millis } from '../../../store/table.ts'

/** What an instance offers, or what tasks take of it. */
export interface Resources {
  /** CPU units, 1024 a core. */
  readonly cpu: number
  readonly memoryMiB: number
  /** `80/tcp`. */
  readonly ports: readonly string[]
  readonly gpuIds: readonly string[]
}

/** Operations write the specification; the agent's session writes `agentConnected` and what follows from it. */
export interface ContainerInstanceRow {
  /** The container instance's ARN. */
  readonly id: string
  readonly clusterArn: string
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  readonly ec2InstanceId?: string | undefined
  readonly agentConnected: boolean
  /** Whose agent it is: they beat at different rhythms. */
  readonly agentKind: 'berth' | 'ecs'
  /** When the agent was last known to be connected; only set while it is not. */
  readonly disconnectedAt?: Millis | undefined
  /** Set when the instance was declared lost and its tasks were stopped; cleared when its agent returns. */
  readonly lostAt?: Millis | undefined
  /** What tasks may take; the ports are those that the host keeps for itself. */
  readonly registered: Resources
  readonly attributes: readonly Attribute[]
  readonly platformDevices: readonly PlatformDevice[]
  readonly versionInfo: VersionInfo
  readonly tags: readonly Tag[]
  readonly registeredAt: Millis
  /** Who may act as this instance's agent: the access key id that registered it. */
  readonly registeredBy: string
  /** What the agent called its registration: the same call again, after a lost answer, is the same registration. */
  readonly registrationToken?: string | undefined
  /** The incarnation of the store in which the agent first connected: under another one it may run tasks that are not ours. */
  readonly incarnation?: string | undefined
  /** What the agent says of its container runtime; written when the status changes. */
  readonly health?:
    | {
        readonly status: InstanceHealthCheckState
        readonly lastUpdated: Millis
        readonly lastStatusChange: Millis
      }
    | undefined
}

/** **Berth**: the operator lets it carry load balancers. */
export const isIngressHost = ({ attributes }: Pick<ContainerInstanceRow, 'attributes'>): boolean =>
  attributes.some(({ name, value }) => name === 'berth.ingress' && value === 'true')

/** `accountId/region|i-1234`: an instance of EC2 in the account and region of an ARN. */
export const ec2InstanceKey = (arn: string, ec2InstanceId: string): string =>
  `${scopeKey(scopeOfArn(arn))}|${ec2InstanceId}`

/** `clusterArn|zone`, of instances that are not INACTIVE; the zone is empty for hosts that name none. */
export const clusterZone = (row: ContainerInstanceRow): string | undefined => {
  if (row.status === 'INACTIVE') return undefined
  const zone = row.attributes.findLast(({ name }) => name === 'ecs.availability-zone')
  return `${row.clusterArn}|${zone?.value ?? ''}`
}

/** One an instance: its changes tell which rows have changed, to what is kept up with them. */
const rows: Aggregate<ContainerInstanceRow, { rows: number }> = {
  key: row => row.id,
  empty: () => ({ rows: 0 }),
  add: total => {
    total.rows += 1
  },
  remove: total => {
    total.rows -= 1
  },
  isEmpty: total => total.rows === 0,
}

/** By `clusterArn|zone`: how many instances could take tasks there. */
const connectedByZone: Aggregate<ContainerInstanceRow, { instances: number }> = {
  key: row => (row.status === 'ACTIVE' && row.agentConnected ? clusterZone(row) : undefined),
  empty: () => ({ instances: 0 }),
  add: total => {
    total.instances += 1
  },
  remove: total => {
    total.instances -= 1
  },
  isEmpty: total => total.instances === 0,
}

export const containerInstances = defineTable<ContainerInstanceRow>()({
  name: 'ecs.containerInstances',
  indexes: {
    byCluster: row => row.clusterArn,
    byClusterAndStatus: row => `${row.clusterArn}|${row.status}`,
    byRegistrant: row => (row.status === 'INACTIVE' ? undefined : row.registeredBy),
    byRegistrationToken: row =>
      row.status === 'INACTIVE' || row.registrationToken === undefined
        ? undefined
        : `${row.clusterArn}|${row.registrationToken}`,
    byEc2Instance: row =>
      row.status === 'INACTIVE' || row.ec2InstanceId === undefined
        ? undefined
        : ec2InstanceKey(row.id, row.ec2InstanceId),
    ingressHosts: row =>
      row.status !== 'INACTIVE' && isIngressHost(row) ? scopeKey(scopeOfArn(row.id)) : undefined,
    byZone: clusterZone,
    disconnectedByZone: row => (row.agentConnected ? undefined : clusterZone(row)),
    byDisconnected: row => (row.agentConnected || row.status === 'INACTIVE' ? undefined : 'disconnected'),
  },
  aggregates: { rows, connectedByZone },
})
