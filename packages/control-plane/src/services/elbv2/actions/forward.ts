/** Forwards: to which target groups, with which weights. (AWS: ForwardActionConfig) */
import type { Action, TargetGroupTuple } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { checkRange, elbError, invalidConfiguration, validationError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { ListenerRow, LoadBalancerRow, TargetGroupRow } from '../tables/index.ts'
import { targetGroups } from '../tables/index.ts'
import { loadBalancerOfTargetGroup } from '../target-group-use.ts'

/** The listener that a rule is of, as far as what its actions may be depends on it. */
export interface ActionPlace {
  readonly loadBalancer: LoadBalancerRow
  readonly protocol: ListenerRow['protocol']
}

const week = 604_800

const tuplesOf = ({ TargetGroupArn, ForwardConfig }: Action): readonly TargetGroupTuple[] => {
  const tuples = ForwardConfig?.TargetGroups ?? []
  if (TargetGroupArn === undefined) return tuples
  const isOther = tuples.length > 1 || tuples.some(tuple => tuple.TargetGroupArn !== TargetGroupArn)
  if (isOther)
    throw validationError(
      'You can specify only one target group in ForwardConfig when TargetGroupArn is specified, and it must be the same one',
    )
  return tuples.length > 0 ? tuples : [{ TargetGroupArn }]
}

/** The protocols of target groups that a listener can forward to. */
const compatible: Readonly<Record<ListenerRow['protocol'], readonly TargetGroupRow['protocol'][]>> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP', 'TCP_UDP'],
  TLS: ['TCP', 'TLS'],
  UDP: ['UDP', 'TCP_UDP'],
  TCP_UDP: ['TCP_UDP'],
}

const checkGroup = (view: View, group: TargetGroupRow, { loadBalancer, protocol }: ActionPlace): void => {
  if (!compatible[protocol].includes(group.protocol))
    throw elbError(
      'IncompatibleProtocols',
      `The listener and the following target groups have incompatible protocols: '${group.id}'`,
    )
  if (protocol === 'HTTP' && (group.protocolVersion === 'GRPC' || group.protocolVersion === 'HTTP2'))
    throw elbError(
      'InvalidLoadBalancerAction',
      `Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${group.protocolVersion}'`,
    )
  if (group.vpcId !== loadBalancer.vpcId)
    throw invalidConfiguration(
      `The load balancer and the following target groups are not in the same VPC: '${group.id}'`,
    )
  const user = loadBalancerOfTargetGroup(view, group.id)
  if (user !== undefined && user !== loadBalancer.id)
    throw elbError(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${group.id}`,
    )
}

const foundGroup = (view: View, scope: Scope, arn: string): TargetGroupRow => {
  const group = arn.includes(`:${scope.accountId}:`) ? view.get(targetGroups, arn) : undefined
  if (!group) throw elbError('TargetGroupNotFound', `Target groups '${arn}' not found`)
  return group
}

const stickinessOf = ({ ForwardConfig }: Action, protocol: ListenerRow['protocol']) => {
  const { Enabled = false, DurationSeconds } = ForwardConfig?.TargetGroupStickinessConfig ?? {}
  const isHttp = protocol === 'HTTP' || protocol === 'HTTPS'
  if (Enabled && isHttp && DurationSeconds === undefined)
    throw validationError('You must specify a duration when enabling target group stickiness')
  checkRange('targetGroupStickinessConfig.durationSeconds', DurationSeconds, 1, week)
  return { Enabled, ...(DurationSeconds !== undefined && { DurationSeconds }) }
}

/** In the form in which the API tells it. */
export const givenForward = (view: View, scope: Scope, action: Action, place: ActionPlace): Action => {
  const tuples = tuplesOf(action)
  const most = limits.targetGroupsPerAction
  if (tuples.length === 0) throw validationError('A target group ARN must be specified')
  if (tuples.length > most)
    throw elbError('TooManyTargetGroups', `A forward action can only have '${most}' target groups`)
  const arns = tuples.map(({ TargetGroupArn = '' }) => TargetGroupArn)
  if (new Set(arns).size < arns.length)
    throw validationError('A target group can be specified only once in a forward action')
  for (const arn of arns) checkGroup(view, foundGroup(view, scope, arn), place)
  for (const { Weight } of tuples) checkRange('targetGroups.member.weight', Weight, 0, 999)
  const TargetGroups = tuples.map(({ TargetGroupArn, Weight = 1 }) => ({ TargetGroupArn, Weight }))
  const [only] = arns.length === 1 ? arns : []
  return {
    Type: 'forward',
    ...(only !== undefined && { TargetGroupArn: only }),
    ForwardConfig: {
      TargetGroups,
      TargetGroupStickinessConfig: stickinessOf(action, place.protocol),
    },
  }
}
