/**
 * Directs a service's traffic by the rules of its load balancers. (AWS: "Required resources for Amazon ECS blue/green
 * deployments"; CreateService, `loadBalancers`; AdvancedConfiguration)
 */
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { networkModeOf } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { loadBalancerOfTargetGroup, type TargetGroupRow, targetGroups } from '../../../elbv2/index.ts'
import { invalidParameter, unsupportedFeature } from '../../errors.ts'
import type { TaskDefinitionRow } from '../../tables/index.ts'
import { checkTogether } from './load-balancers-together.ts'
import { ruleOf } from './rules.ts'
import type { BalancedService, TrafficRouter } from './traffic-router.ts'

/** (AWS: "Registering multiple target groups with an Amazon ECS service") */
const mostTargetGroups = 5

const check = (view: View, { loadBalancers, strategy, taskDefinition }: BalancedService): void => {
  if (loadBalancers.length > mostTargetGroups)
    throw invalidParameter(`load balancers can have at most ${mostTargetGroups} items.`)
  for (const { loadBalancerName, targetGroupArn } of loadBalancers) {
    if (loadBalancerName !== undefined && targetGroupArn !== undefined)
      throw invalidParameter(
        'loadBalancerName and targetGroupArn cannot both be specified. You must specify either a load BalancerName or a targetGroupArn.',
      )
    if (loadBalancerName !== undefined)
      throw unsupportedFeature(
        'Classic Load Balancers (loadBalancerName) of services: not supported by Berth.',
      )
  }
  checkTogether(loadBalancers)
  for (const balancer of loadBalancers) {
    checkContainer(balancer, taskDefinition)
    const group = existingGroup(view, balancer)
    checkTargetType(group, networkModeOf(taskDefinition.definition))
    checkUse(view, group)
    if (strategy !== 'ROLLING' || balancer.advancedConfiguration) checkAdvanced(view, balancer, strategy)
  }
}

const checkContainer = (
  { containerName, containerPort }: LoadBalancer,
  { definition }: TaskDefinitionRow,
): void => {
  const container = definition.containerDefinitions?.find(({ name }) => name === containerName)
  if (container === undefined)
    throw invalidParameter(`The container ${containerName} does not exist in the task definition.`)
  if (!container.portMappings?.some(mapping => mapping.containerPort === containerPort))
    throw invalidParameter(
      `The container ${containerName} did not have a container port ${containerPort} defined.`,
    )
}

const existingGroup = (view: View, { targetGroupArn }: LoadBalancer): TargetGroupRow => {
  if (!targetGroupArn) throw invalidParameter('targetGroupArn can not be blank.')
  const group = view.get(targetGroups, targetGroupArn)
  if (group === undefined) throw invalidParameter(`The target group ${targetGroupArn} does not exist.`)
  return group
}

/** Tasks with an interface of their own are addresses, others a port of their instance. */
const checkTargetType = ({ id, targetType, protocol }: TargetGroupRow, networkMode: string): void => {
  if (networkMode === 'awsvpc' && targetType === 'ip' && (protocol === 'UDP' || protocol === 'TCP_UDP'))
    throw unsupportedFeature(
      `The target group ${id} has the protocol ${protocol}, which does not reach tasks of the network mode awsvpc: not supported by Berth.`,
    )
  if ((targetType === 'ip') === (networkMode === 'awsvpc') && networkMode !== 'none') return
  throw invalidParameter(
    `The provided target group ${id} has target type ${targetType}, which is incompatible with the ${networkMode} network mode specified in the task definition.`,
  )
}

const checkUse = (view: View, { id }: TargetGroupRow): void => {
  if (loadBalancerOfTargetGroup(view, id) === undefined)
    throw invalidParameter(
      `The target group with targetGroupArn ${id} does not have an associated load balancer.`,
    )
}

const checkAdvanced = (
  view: View,
  { targetGroupArn, advancedConfiguration }: LoadBalancer,
  strategy: string,
): void => {
  const { alternateTargetGroupArn, productionListenerRule, testListenerRule } = advancedConfiguration ?? {}
  if (advancedConfiguration === undefined)
    throw invalidParameter(
      `advancedConfiguration field is required for all loadBalancers when using the ${strategy} deployment strategy.`,
    )
  if (!alternateTargetGroupArn || !productionListenerRule)
    throw invalidParameter(
      'advancedConfiguration must have an alternateTargetGroupArn and a productionListenerRule.',
    )
  const alternate = existingGroup(view, { targetGroupArn: alternateTargetGroupArn })
  if (alternate.id === targetGroupArn)
    throw invalidParameter(
      'The alternateTargetGroupArn must be another target group than the targetGroupArn.',
    )
  if (alternate.targetType !== view.get(targetGroups, targetGroupArn ?? '')?.targetType)
    throw invalidParameter('The target groups of a load balancer must have the same target type.')
  for (const arn of [productionListenerRule, testListenerRule]) if (arn) checkRule(view, arn, alternate)
}

const checkRule = (view: View, arn: string, alternate: TargetGroupRow): void => {
  const rule = ruleOf(view, arn)
  if (rule === undefined) throw invalidParameter(`The listener rule ${arn} does not exist.`)
  if (!rule.actions.some(({ Type }) => Type === 'forward'))
    throw invalidParameter(`The listener rule ${arn} does not forward to target groups.`)
  const user = loadBalancerOfTargetGroup(view, alternate.id)
  if (user !== undefined && user !== rule.loadBalancerArn)
    throw invalidParameter(
      `The target group ${alternate.id} is associated with another load balancer than the listener rule ${arn}.`,
    )
}

export const loadBalancerRouter: TrafficRouter = {
  check,
  hasTestTraffic: loadBalancers =>
    loadBalancers.some(({ advancedConfiguration }) => Boolean(advancedConfiguration?.testListenerRule)),
}
