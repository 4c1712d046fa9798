/** A task's network interface: begun with the task, shown as an attachment of it and with its containers. */
import type { Attachment, NetworkInterface } from '@aws-sdk/client-ecs'
import { formatArn, scopeOfArn } from '@berth/model'
import type { TaskInterface, TaskRow } from '../tables/index.ts'
import { uuidOf } from '../uuid.ts'
import type { TaskNetwork } from './network-configuration.ts'

/** Of the zone's subnets the one with the most free addresses has it. */
export const newTaskInterface = (
  { subnets, securityGroupIds, assignsPublicIp }: TaskNetwork,
  availabilityZone: string | undefined,
  allowsIpv6: boolean,
  randomHex: (bytes: number) => string,
): TaskInterface => {
  const inZone = subnets.filter(subnet => subnet.availabilityZone === availabilityZone)
  const [first, ...others] = inZone.length > 0 ? inZone : subnets
  if (first === undefined) throw new Error('A task of the network mode awsvpc has no subnet')
  const { subnetId } = others.reduce(
    (best, subnet) => (subnet.freeAddresses > best.freeAddresses ? subnet : best),
    first,
  )
  return {
    attachmentId: uuidOf(randomHex(16)),
    subnetId,
    securityGroupIds,
    ...(assignsPublicIp && { assignsPublicIp }),
    ...(allowsIpv6 && { allowsIpv6 }),
    status: 'PRECREATED',
  }
}

/** It has no address yet, and its task's host has not been told of the task. */
export const awaitsInterface = ({ networkInterface, lastStatus }: TaskRow): boolean =>
  networkInterface?.status === 'PRECREATED' && lastStatus !== 'STOPPED'

/** What its host has said is gone from it. */
export const isDetached = ({ status }: TaskInterface): boolean =>
  status === 'DETACHED' || status === 'DELETED'

/** How ECS names it to EC2 and to agents. */
export const attachmentArnOf = (task: TaskRow, { attachmentId }: TaskInterface): string =>
  formatArn('ecs', scopeOfArn(task.id), `attachment/${attachmentId}`)

/** (AWS: ECS API reference, Attachment `details`) */
export const interfaceAttachment = ({
  attachmentId,
  subnetId,
  status,
  created,
}: TaskInterface): Attachment => ({
  id: attachmentId,
  type: 'ElasticNetworkInterface',
  status,
  details: [
    { name: 'subnetId', value: subnetId },
    ...(created
      ? [
          { name: 'networkInterfaceId', value: created.networkInterfaceId },
          { name: 'macAddress', value: created.macAddress },
          { name: 'privateDnsName', value: created.privateDnsName },
          { name: 'privateIPv4Address', value: created.privateIpv4Address },
        ]
      : []),
  ],
})

/** What each of the task's containers shows of it. */
export const containerInterfaces = (task: TaskRow): NetworkInterface[] => {
  const { attachmentId, created } = task.networkInterface ?? {}
  if (!created) return []
  const { privateIpv4Address, ipv6Address } = created
  return [{ attachmentId, privateIpv4Address, ...(ipv6Address !== undefined && { ipv6Address }) }]
}
