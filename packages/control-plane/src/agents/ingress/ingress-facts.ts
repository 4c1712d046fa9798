/** What a host is told of a load balancer that it carries: pure functions of the rows. */
import { type AuthenticationKeys, type IngressFact, lastSegment, type TargetFact } from '@berth/model'
import { networkInterfaceIdOf, networkInterfaces } from '../../services/ec2/index.ts'
import {
  type ContainerInstanceRow,
  containerInstances,
  ec2InstanceKey,
  isPortHeld,
} from '../../services/ecs/index.ts'
import {
  hostPortOfListener,
  type ListenerRow,
  type LoadBalancerRow,
  loadBalancers,
  type RevocationPieceRow,
  rules,
  rulesInOrder,
  type TargetGroupRow,
  type TargetRow,
  type TrustStoreRow,
  targetGroups,
} from '../../services/elbv2/index.ts'
import type { View } from '../../store/view.ts'
import { type OpenSecret, ruleFact } from './rule-facts.ts'

export const keyOf = (kind: IngressFact['kind'], id: string): string => `${kind}/${id}`
export const targetKeyOf = ({ targetGroupArn, targetId, port }: TargetRow): string =>
  `target/${targetGroupArn}/${targetId}/${port}`

/** Where a load balancer is in its VPC; undefined while it has no interface there. */
export const interfaceAddressOf = (view: View, { id, carried }: LoadBalancerRow): string | undefined => {
  const [interfaceId] = carried?.interfaceIds ?? []
  for (const row of view.where(networkInterfaces, 'byHolder', id))
    if (networkInterfaceIdOf(row) === interfaceId) return row.privateIps[0]
  return undefined
}

/** Undefined of a load balancer that authenticates nobody. */
export type OpenAuthenticationKeys = (row: LoadBalancerRow) => AuthenticationKeys | undefined

/** Undefined until it has an address. */
export const loadBalancerFact = (
  view: View,
  row: LoadBalancerRow,
  openAuthenticationKeys: OpenAuthenticationKeys,
): IngressFact | undefined => {
  const { id, type, attributes, carried } = row
  if (carried === undefined) return undefined
  const [interfaceId] = carried.interfaceIds
  const interfaceAddress = interfaceAddressOf(view, row)
  const authenticationKeys = openAuthenticationKeys(row)
  return {
    key: keyOf('load-balancer', id),
    kind: 'load-balancer',
    arn: id,
    type,
    frontAddress: carried.frontAddress,
    ...(interfaceId !== undefined && { interfaceId }),
    ...(interfaceAddress !== undefined && { interfaceAddress }),
    attributes,
    ...(authenticationKeys && { authenticationKeys }),
  }
}

/** Undefined while a task of the host has its port: HAProxy would take no change at all. */
export const listenerFact = (
  view: View,
  row: ListenerRow,
  openSecret: OpenSecret,
): IngressFact | undefined => {
  const hostArn = view.get(loadBalancers, row.loadBalancerArn)?.carried?.containerInstanceArn
  const hostPort = hostPortOfListener(row)
  if (hostArn !== undefined && hostPort !== undefined && isPortHeld(view, hostArn, hostPort)) return undefined
  const { id, loadBalancerArn, port, protocol, certificateArns, attributes } = row
  const { sslPolicy, alpnPolicy, mutualAuthentication } = row
  return {
    key: keyOf('listener', id),
    kind: 'listener',
    arn: id,
    loadBalancerArn,
    port,
    protocol,
    certificateArns,
    ...(sslPolicy !== undefined && { sslPolicy }),
    ...(alpnPolicy !== undefined && { alpnPolicy }),
    ...(mutualAuthentication && {
      mutualAuthentication: {
        mode: mutualAuthentication.mode,
        ...(mutualAuthentication.trustStoreArn !== undefined && {
          trustStoreArn: mutualAuthentication.trustStoreArn,
        }),
        ignoresExpiry: mutualAuthentication.ignoresExpiry ?? false,
        advertisesNames: mutualAuthentication.advertisesNames ?? false,
      },
    }),
    attributes,
    rules: rulesInOrder(view.where(rules, 'byListener', id)).map(rule => ruleFact(rule, openSecret)),
  }
}

export const targetGroupFact = (row: TargetGroupRow): IngressFact => {
  const { id, targetType, protocol, protocolVersion, attributes, healthCheck } = row
  return {
    key: keyOf('target-group', id),
    kind: 'target-group',
    arn: id,
    targetType,
    protocol,
    ...(protocolVersion && { protocolVersion }),
    healthCheck: {
      isEnabled: true,
      ...healthCheck,
      path: healthCheck.path ?? '/',
      matcher: healthCheck.matcher ?? '200',
    },
    attributes,
  }
}

/** Undefined for an instance whose host has not said where it is reached. */
export const targetFact = (
  view: View,
  row: TargetRow,
  carrierArn: string | undefined,
): TargetFact | undefined => {
  const group = view.get(targetGroups, row.targetGroupArn)
  if (group === undefined) return undefined
  const isIp = group.targetType === 'ip'
  const address = isIp ? row.targetId : addressOfInstance(view, row, carrierArn)
  if (address === undefined) return undefined
  return {
    key: targetKeyOf(row),
    kind: 'target',
    targetGroupArn: row.targetGroupArn,
    address,
    // One in no zone of the VPC is outside of it. (AWS: TargetDescription, AvailabilityZone)
    isInVpc: isIp && row.availabilityZone !== 'all',
    port: row.port,
    targetId: row.targetId,
    isDraining: row.drainingSince !== undefined,
  }
}

const addressOfInstance = (
  view: View,
  row: TargetRow,
  carrierArn: string | undefined,
): string | undefined => {
  const [host] = view.where(
    containerInstances,
    'byEc2Instance',
    ec2InstanceKey(row.targetGroupArn, row.targetId),
  )
  return host && (underlayAddressOf(host) ?? (host.id === carrierArn ? '127.0.0.1' : undefined))
}

export const underlayAddressOf = ({ attributes }: ContainerInstanceRow): string | undefined =>
  attributes.find(({ name }) => name === 'berth.underlay-address')?.value

export const trustStoreFact = (row: TrustStoreRow): IngressFact => ({
  key: keyOf('trust-store', row.id),
  kind: 'trust-store',
  arn: row.id,
  certificates: row.certificates,
  revocations: row.revocations.map(({ revocationId: id, pieceCount }) => ({ id, pieceCount })),
})

export const revocationPieceFact = (row: RevocationPieceRow): IngressFact => ({
  key: keyOf('revocation-piece', row.id),
  kind: 'revocation-piece',
  trustStoreArn: row.trustStoreArn,
  revocationId: row.revocationId,
  index: row.index,
  text: row.text,
})

/** `…/ARN/TARGET/PORT` of a target's key, as its row's id. */
export const targetRowIdOf = (key: string): string => {
  const [port, rest] = [lastSegment(key), key.slice('target/'.length, key.lastIndexOf('/'))]
  return `${rest.slice(0, rest.lastIndexOf('/'))}|${lastSegment(rest)}|${port}`
}
