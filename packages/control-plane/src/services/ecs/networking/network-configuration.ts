/** The networkConfiguration of a request or a service, against the networks that there are. */
import type { AwsVpcConfiguration, LaunchType, NetworkConfiguration } from '@aws-sdk/client-ecs'
import { type Scope, scopeOfArn } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { findSecurityGroup, findSubnet, freeAddressesOf } from '../../ec2/index.ts'
import { invalidParameter } from '../errors.ts'
import type { RegisteredDefinition, ServiceRow } from '../tables/index.ts'

/** Where the interfaces of tasks may be, and what they have. */
export interface TaskNetwork {
  readonly subnets: readonly TaskSubnet[]
  /** Empty: the default one of the VPC. */
  readonly securityGroupIds: readonly string[]
  readonly assignsPublicIp: boolean
}

interface TaskSubnet {
  readonly subnetId: string
  readonly availabilityZone: string
  readonly freeAddresses: number
}

/** (AWS: AwsVpcConfiguration) */
const mostSubnets = 16
const mostGroups = 5

type Owner = Pick<RegisteredDefinition, 'networkMode'>

/** As answers show it: what is left out has its default. Undefined where nothing is said. */
export const shownNetwork = (
  configuration: NetworkConfiguration | undefined,
): NetworkConfiguration | undefined => {
  const { awsvpcConfiguration: given } = configuration ?? {}
  if (given === undefined) return undefined
  const { subnets, securityGroups = [], assignPublicIp = 'DISABLED' } = given
  return { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp } }
}

/**
 * Undefined for a definition of another network mode than awsvpc. Throws InvalidParameterException, in ECS's words where its
 * users have quoted them.
 */
export const readNetwork = (
  view: View,
  scope: Scope,
  { networkMode }: Owner,
  configuration: NetworkConfiguration | undefined,
  launchType: LaunchType = 'EC2',
): TaskNetwork | undefined => {
  const { awsvpcConfiguration: given } = configuration ?? {}
  if (networkMode !== 'awsvpc') {
    if (given === undefined) return undefined
    throw invalidParameter(
      'Network Configuration is not valid for the given networkMode of this task definition.',
    )
  }
  if (given === undefined)
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
  checkMembers(given, launchType)
  const network = findNetwork(view, scope, given)
  if ('problem' in network) throw invalidParameter(network.problem)
  return network
}

const checkMembers = (
  { subnets = [], securityGroups = [], assignPublicIp }: AwsVpcConfiguration,
  launchType: LaunchType,
): void => {
  if (subnets.length === 0) throw invalidParameter('subnets can not be empty.')
  if (subnets.length > mostSubnets) throw invalidParameter(`subnets can have at most ${mostSubnets} items.`)
  if (securityGroups.length > mostGroups)
    throw invalidParameter(`securityGroups can have at most ${mostGroups} items.`)
  if (assignPublicIp === 'ENABLED' && launchType !== 'FARGATE')
    throw invalidParameter('Assign public IP is not supported for this launch type.')
}

/** What is there of it; or what is not as it was when it was checked, since a subnet or group may be deleted later. */
export const findNetwork = (
  view: View,
  scope: Scope,
  { subnets = [], securityGroups = [], assignPublicIp }: AwsVpcConfiguration,
): TaskNetwork | { readonly problem: string } => {
  const found: TaskSubnet[] = []
  const vpcIds = new Set<string>()
  for (const subnetId of new Set(subnets)) {
    const row = findSubnet(view, scope, subnetId)
    if (row === undefined)
      return {
        problem: `Error retrieving subnet information for [${subnets.join(', ')}]: The subnet ID '${subnetId}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
      }
    vpcIds.add(row.vpcId)
    const { availabilityZone } = row
    found.push({ subnetId, availabilityZone, freeAddresses: freeAddressesOf(view, scope, row) })
  }
  if (vpcIds.size > 1)
    return { problem: `The subnets [${subnets.join(', ')}] do not belong to the same VPC.` }
  const securityGroupIds = [...new Set(securityGroups)]
  for (const groupId of securityGroupIds) {
    const row = findSecurityGroup(view, scope, groupId)
    if (row === undefined)
      return {
        problem: `Error retrieving security group information for [${securityGroups.join(', ')}]: The security group '${groupId}' does not exist (ErrorCode: InvalidGroup.NotFound)`,
      }
    if (!vpcIds.has(row.vpcId))
      return {
        problem: `Security group ${groupId} does not appear to belong to the same VPC as the input subnets.`,
      }
  }
  return { subnets: found, securityGroupIds, assignsPublicIp: assignPublicIp === 'ENABLED' }
}

/** The zones that the network has a subnet in; undefined, which is all of them, without a network. */
export const zonesOf = (network: TaskNetwork | undefined): readonly string[] | undefined =>
  network && [...new Set(network.subnets.map(({ availabilityZone }) => availabilityZone))].sort()

/** The same of what a service was given; none where something of it is gone. */
export const zonesOfConfiguration = (
  view: View,
  { id }: Pick<ServiceRow, 'id'>,
  configuration: NetworkConfiguration | undefined,
): readonly string[] | undefined => {
  const { awsvpcConfiguration: given } = configuration ?? {}
  if (given === undefined) return undefined
  const network = findNetwork(view, scopeOfArn(id), given)
  return 'problem' in network ? [] : zonesOf(network)
}
