import type {
  DeregisterTargetsInput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  TargetDescription,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { loadBalancerAttributes } from '../../attributes/load-balancer-attributes.ts'
import { targetGroupAttributes } from '../../attributes/target-group-attributes.ts'
import { elbError } from '../../errors.ts'
import { rowOf, targetGroupKind } from '../../references.ts'
import {
  loadBalancers,
  type TargetGroupRow,
  type TargetRow,
  targetRowId,
  targets,
} from '../../tables/index.ts'
import { loadBalancerOfTargetGroup } from '../../target-group-use.ts'
import { notRegistered, type TargetPlace, targetHealthOf } from '../../target-health.ts'
import { deregisterTargets, type IsInstance, portOf, registerTargets } from '../../targets.ts'

const checkAny = (given: readonly TargetDescription[]): void => {
  if (given.length === 0) throw elbError('ValidationError', 'At least one target must be specified')
}

const registering = (isInstance: IsInstance) =>
  operation<RegisterTargetsInput, object>({
    name: 'RegisterTargets',
    effect: 'writes',
    resources: ({ TargetGroupArn = '' }) => [TargetGroupArn],
    handle: ({ TargetGroupArn, Targets = [] }, { store, scope, now }) => {
      checkAny(Targets)
      store.update(tx => {
        const group = rowOf(tx, scope, targetGroupKind, TargetGroupArn)
        registerTargets(tx, { scope, isInstance, now }, group, Targets)
      })
      return {}
    },
  })

const deregistering = operation<DeregisterTargetsInput, object>({
  name: 'DeregisterTargets',
  effect: 'frees',
  resources: ({ TargetGroupArn = '' }) => [TargetGroupArn],
  handle: ({ TargetGroupArn, Targets = [] }, { store, scope, now }) => {
    checkAny(Targets)
    store.update(tx => deregisterTargets(tx, now, rowOf(tx, scope, targetGroupKind, TargetGroupArn), Targets))
    return {}
  },
})

const acrossZones = 'load_balancing.cross_zone.enabled'

/** Where the targets of a group stand to the load balancer that uses it. */
const placeOf = (view: View, group: TargetGroupRow): TargetPlace => {
  const arn = loadBalancerOfTargetGroup(view, group.id)
  const user = arn === undefined ? undefined : view.get(loadBalancers, arn)
  const setting = targetGroupAttributes(group)[acrossZones]
  const ofUser = user && loadBalancerAttributes(user)[acrossZones]
  return {
    isUsed: user !== undefined,
    zones: user?.zones.map(({ availabilityZone }) => availabilityZone) ?? [],
    isAcrossZones: (setting === 'use_load_balancer_configuration' ? ofUser : setting) === 'true',
  }
}

const described = (group: TargetGroupRow, row: TargetRow, place: TargetPlace): TargetHealthDescription => ({
  Target: {
    Id: row.targetId,
    Port: row.port,
    ...(row.availabilityZone !== undefined && { AvailabilityZone: row.availabilityZone }),
  },
  HealthCheckPort: String(group.healthCheck.port ?? row.port),
  TargetHealth: targetHealthOf(row, place),
})

const describeTargetHealth = operation<DescribeTargetHealthInput, DescribeTargetHealthOutput>({
  name: 'DescribeTargetHealth',
  effect: 'reads',
  resources: () => ['*'],
  handle: ({ TargetGroupArn, Targets, Include = [] }, { store, scope }) => {
    const group = rowOf(store, scope, targetGroupKind, TargetGroupArn)
    const place = placeOf(store, group)
    // No target is ever found to behave unlike the others: nothing looks.
    const anomaly = Include.length > 0 && {
      AnomalyDetection: { Result: 'normal' as const, MitigationInEffect: 'no' as const },
    }
    const asked = (target: TargetDescription): TargetHealthDescription => {
      const row = store.get(targets, targetRowId(group.id, target.Id ?? '', portOf(group, target)))
      return row ? described(group, row, place) : { Target: target, TargetHealth: notRegistered }
    }
    const all = Targets?.length
      ? Targets.map(asked)
      : [...store.where(targets, 'byTargetGroup', group.id)].map(row => described(group, row, place))
    return { TargetHealthDescriptions: all.map(description => ({ ...description, ...anomaly })) }
  },
})

export const targetOperations = (isInstance: IsInstance) => [
  registering(isInstance),
  deregistering,
  describeTargetHealth,
]
