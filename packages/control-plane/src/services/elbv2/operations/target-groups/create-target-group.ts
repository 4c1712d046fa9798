import type {
  CreateTargetGroupInput,
  CreateTargetGroupOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { findVpc } from '../../../ec2/index.ts'
import { type Call, operation } from '../../../service.ts'
import { newId, targetGroupArn } from '../../arns.ts'
import {
  checkRange,
  elbError,
  invalidConfiguration,
  notSupported,
  refuseMembers,
  validationError,
} from '../../errors.ts'
import { healthCheckOf } from '../../health-check.ts'
import { limits } from '../../limits.ts'
import { checkTargetGroupName } from '../../names.ts'
import { targetGroupResponse } from '../../responses/target-group.ts'
import { type TargetGroupRow, targetGroups } from '../../tables/index.ts'
import { sameTags, withTags } from '../../tags.ts'

const protocols = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP'] as const
const versions = ['HTTP1', 'HTTP2', 'GRPC'] as const

const protocolOf = ({ Protocol }: CreateTargetGroupInput): TargetGroupRow['protocol'] => {
  if (Protocol === undefined) throw validationError('A protocol must be specified')
  const known = protocols.find(protocol => protocol === Protocol)
  if (!known) throw notSupported(`The protocol '${Protocol}'`)
  return known
}

const versionOf = (
  { ProtocolVersion }: CreateTargetGroupInput,
  protocol: TargetGroupRow['protocol'],
): TargetGroupRow['protocolVersion'] => {
  const isHttp = protocol === 'HTTP' || protocol === 'HTTPS'
  if (!isHttp && ProtocolVersion)
    throw invalidConfiguration(
      `Protocol version is not supported for target groups with the ${protocol} protocol`,
    )
  if (!isHttp) return undefined
  const version = versions.find(known => known === (ProtocolVersion || 'HTTP1'))
  if (!version)
    throw validationError(`Protocol version '${ProtocolVersion}' must be one of '${versions.join(', ')}'`)
  return version
}

const typeOf = ({ TargetType = 'instance' }: CreateTargetGroupInput): TargetGroupRow['targetType'] => {
  if (TargetType !== 'instance' && TargetType !== 'ip') throw notSupported(`The target type '${TargetType}'`)
  return TargetType
}

const vpcOf = (view: View, { scope }: Call, { VpcId }: CreateTargetGroupInput): string => {
  if (!VpcId) throw validationError('A VPC ID must be specified')
  if (!findVpc(view, scope, VpcId)) throw validationError(`The VPC ID '${VpcId}' is not found`)
  return VpcId
}

/** The target group that a request asks for, under a new ARN. */
const wantedTargetGroup = (view: View, input: CreateTargetGroupInput, call: Call): TargetGroupRow => {
  const { Name: name = '', Port: port, IpAddressType = 'ipv4' } = input
  checkTargetGroupName(name)
  const targetType = typeOf(input)
  const protocol = protocolOf(input)
  if (port === undefined) throw validationError('A port must be specified')
  checkRange('port', port, 1, 65_535)
  if (IpAddressType !== 'ipv4') throw notSupported(`The IP address type '${IpAddressType}'`)
  const protocolVersion = versionOf(input, protocol)
  const version = protocolVersion === undefined ? {} : { protocolVersion }
  return {
    id: targetGroupArn(call.scope, name, newId(call.randomHex)),
    name,
    targetType,
    protocol,
    ...version,
    port,
    vpcId: vpcOf(view, call, input),
    ipAddressType: IpAddressType,
    healthCheck: healthCheckOf(input, { protocol, ...version }),
    attributes: {},
    tags: withTags([], input.Tags),
  }
}

const hasSameSettings = (one: TargetGroupRow, other: TargetGroupRow): boolean => {
  const settings = (row: TargetGroupRow): string =>
    JSON.stringify([row.targetType, row.protocol, row.protocolVersion, row.port, row.vpcId, row.healthCheck])
  return settings(one) === settings(other) && sameTags(one.tags, other.tags)
}

/** Sent again with the same settings, it makes nothing new. (AWS: CreateTargetGroup) */
export const createTargetGroup = operation<CreateTargetGroupInput, CreateTargetGroupOutput>({
  name: 'CreateTargetGroup',
  effect: 'writes',
  resources: () => ['*'],
  handle: (input, call) => {
    refuseMembers(input, ['TargetControlPort'])
    const { scope, store } = call
    return store.update(tx => {
      const wanted = wantedTargetGroup(tx, input, call)
      const [existing] = tx.where(targetGroups, 'byName', `${scopeKey(scope)}|${wanted.name}`)
      if (existing && !hasSameSettings(existing, wanted))
        throw elbError(
          'DuplicateTargetGroupName',
          `A target group with the same name '${wanted.name}' exists, but with different settings`,
        )
      if (!existing && tx.count(targetGroups, 'byScope', scopeKey(scope)) >= limits.targetGroups)
        throw elbError('TooManyTargetGroups', 'The maximum number of target groups has been reached')
      if (!existing) tx.put(targetGroups, wanted)
      return { TargetGroups: [targetGroupResponse(existing ?? wanted, tx)] }
    })
  },
})
