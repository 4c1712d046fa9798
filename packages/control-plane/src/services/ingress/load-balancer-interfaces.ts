/** The network interfaces of a load balancer: one in each of its subnets, all on the host that carries it. Pure. */
import { type Scope, scopeOfArn } from '@berth/model'
import { put, remove, type Step, type Surroundings } from '../../control-loop/plan.ts'
import type { View } from '../../store/view.ts'
import {
  findSubnet,
  isFreeAddress,
  managedInterface,
  type NetworkInterfaceRow,
  networkInterfaceIdOf,
  networkInterfaces,
  nextAddress,
  type SubnetRow,
  subnets,
} from '../ec2/index.ts'
import type { LoadBalancerRow, LoadBalancerZone } from '../elbv2/index.ts'

const requesterId = 'amazon-elb'

export interface Interfaces {
  /** In the order of the load balancer's zones, without those that a full subnet keeps away. */
  readonly ids: readonly string[]
  readonly steps: readonly Step[]
  /** The first subnet without a free address, or in which the one that is wanted is taken. */
  readonly fullSubnetId?: string
}

/** What is to be written so that they are as the load balancer wants them. */
export const interfacesOf = (
  view: View,
  loadBalancer: LoadBalancerRow,
  containerInstanceArn: string | undefined,
  surroundings: Surroundings,
): Interfaces => {
  const steps: Step[] = []
  const ids: string[] = []
  let fullSubnetId: string | undefined
  const existing = [...view.where(networkInterfaces, 'byHolder', loadBalancer.id)]
  for (const zone of loadBalancer.zones) {
    const before = existing.find(({ subnetId }) => subnetId === zone.subnetId)
    const after = before
      ? asWanted(before, loadBalancer, containerInstanceArn)
      : madeIn(view, loadBalancer, zone, containerInstanceArn, surroundings, steps)
    if (after === undefined) fullSubnetId ??= zone.subnetId
    else ids.push(networkInterfaceIdOf(after))
    if (after !== undefined && after !== before) steps.push(put(networkInterfaces, after))
  }
  const left = existing.filter(row => !loadBalancer.zones.some(({ subnetId }) => subnetId === row.subnetId))
  for (const { id } of left) steps.push(remove(networkInterfaces, id))
  return { ids, steps, ...(fullSubnetId !== undefined && { fullSubnetId }) }
}

const asWanted = (
  row: NetworkInterfaceRow,
  { securityGroupIds }: LoadBalancerRow,
  containerInstanceArn: string | undefined,
): NetworkInterfaceRow =>
  row.containerInstanceArn === containerInstanceArn && row.groupIds.join() === securityGroupIds.join()
    ? row
    : { ...row, containerInstanceArn, groupIds: securityGroupIds }

const madeIn = (
  view: View,
  loadBalancer: LoadBalancerRow,
  zone: LoadBalancerZone,
  containerInstanceArn: string | undefined,
  { now, randomHex }: Surroundings,
  steps: Step[],
): NetworkInterfaceRow | undefined => {
  const scope: Scope = scopeOfArn(loadBalancer.id)
  const subnet = findSubnet(view, scope, zone.subnetId)
  const address = subnet && addressIn(view, scope, subnet, zone)
  if (subnet === undefined || address === undefined) return undefined
  if (zone.privateIp === undefined) steps.push(put(subnets, { ...subnet, lastGiven: address }))
  return managedInterface(
    scope,
    {
      subnet,
      address,
      groupIds: loadBalancer.securityGroupIds,
      description: descriptionOf(loadBalancer.id),
      requesterId,
      holder: { kind: 'load-balancer', loadBalancerArn: loadBalancer.id },
      containerInstanceArn,
      attachedAt: now,
      instanceId: undefined,
      tags: [],
    },
    randomHex,
  )
}

const addressIn = (
  view: View,
  scope: Scope,
  subnet: SubnetRow,
  { privateIp }: LoadBalancerZone,
): string | undefined => {
  if (privateIp === undefined) return nextAddress(view, scope, subnet)
  return isFreeAddress(view, scope, subnet, privateIp) ? privateIp : undefined
}

/** `ELB app/NAME/ID`. (AWS: "Security groups for your Application Load Balancer" names interfaces so) */
const descriptionOf = (loadBalancerArn: string): string => `ELB ${loadBalancerArn.split(':loadbalancer/')[1]}`
