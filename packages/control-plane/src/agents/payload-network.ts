import { type PayloadNetworkInterface, type PayloadTask, scopeOfArn } from '@berth/model'
import { findSubnet, gatewayOf, nameServersOf, privateDomainOf, routerOfIpv6 } from '../services/ec2/index.ts'
import { attachmentArnOf } from '../services/ecs/networking/task-interface.ts'
import type { TaskRow } from '../services/ecs/tables/index.ts'
import type { View } from '../store/view.ts'

/** The interface of a task that has one, in the official agent's words. */
export const payloadNetwork = (
  view: View,
  task: TaskRow,
): Pick<PayloadTask, 'elasticNetworkInterfaces'> | undefined => {
  const { created, subnetId = '' } = task.networkInterface ?? {}
  const scope = scopeOfArn(task.id)
  const subnet = created && findSubnet(view, scope, subnetId)
  if (!created || !subnet || !task.networkInterface) return undefined
  const eth0: PayloadNetworkInterface = {
    name: 'eth0',
    index: 0,
    ec2Id: created.networkInterfaceId,
    attachmentArn: attachmentArnOf(task, task.networkInterface),
    macAddress: created.macAddress,
    ipv4Addresses: [{ privateAddress: created.privateIpv4Address, primary: true }],
    ...(created.ipv6Address !== undefined && {
      ipv6Addresses: [{ address: created.ipv6Address, primary: true }],
    }),
    subnetGatewayIpv4Address: gatewayOf(subnet),
    ...(created.ipv6Address !== undefined && { subnetGatewayIpv6Address: routerOfIpv6 }),
    privateDnsName: created.privateDnsName,
    domainName: [privateDomainOf(scope.region)],
    domainNameServers: nameServersOf(view, scope, subnet.vpcId),
  }
  return { elasticNetworkInterfaces: [eth0] }
}
