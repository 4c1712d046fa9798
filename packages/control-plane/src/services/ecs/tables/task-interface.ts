import type { AttachmentStatus } from '@berth/model'

/** The network interface of a task of the network mode awsvpc. */
export interface TaskInterface {
  /** What DescribeTasks shows the attachment under. */
  readonly attachmentId: string
  readonly subnetId: string
  /** Empty: the default one of the subnet's VPC. */
  readonly securityGroupIds: readonly string[]
  readonly assignsPublicIp?: true | undefined
  /** It has an IPv6 address where its subnet and its host have IPv6. */
  readonly allowsIpv6?: true | undefined
  /** From CREATED on the interface is there: the task-interface reconciler makes it, and writes DELETED; between, reports. */
  readonly status: AttachmentStatus
  /** Set with CREATED. */
  readonly created?:
    | {
        readonly networkInterfaceId: string
        readonly macAddress: string
        readonly privateIpv4Address: string
        readonly ipv6Address?: string | undefined
        readonly privateDnsName: string
      }
    | undefined
}
