import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'

/**
 * What several load balancers of one service may not share. AWS documents no words for it, so they are Berth's.
 * Throws InvalidParameterException.
 */
export const checkTogether = (loadBalancers: readonly LoadBalancer[]): void => {
  const repeated = repeatedOf(
    loadBalancers,
    ({ targetGroupArn, containerName, containerPort }) =>
      `${targetGroupArn}|${containerName}|${containerPort}`,
  )
  if (repeated !== undefined)
    throw invalidParameter(
      `The target group ${repeated.targetGroupArn} is specified more than once for the container ${repeated.containerName} and the port ${repeated.containerPort}.`,
    )
  checkAlternates(loadBalancers)
  checkRules(loadBalancers)
}

/** Tasks of both revisions would be in it. */
const checkAlternates = (loadBalancers: readonly LoadBalancer[]): void => {
  for (const { advancedConfiguration } of loadBalancers) {
    const { alternateTargetGroupArn } = advancedConfiguration ?? {}
    if (
      alternateTargetGroupArn !== undefined &&
      loadBalancers.some(other => isAnothers(other, alternateTargetGroupArn, advancedConfiguration))
    )
      throw invalidParameter(
        `The alternateTargetGroupArn ${alternateTargetGroupArn} is the targetGroupArn of another load balancer of the service.`,
      )
  }
}

/** That of the same load balancer is refused in words of its own. */
const isAnothers = (
  { targetGroupArn, advancedConfiguration }: LoadBalancer,
  alternateTargetGroupArn: string,
  own: LoadBalancer['advancedConfiguration'],
): boolean => targetGroupArn === alternateTargetGroupArn && advancedConfiguration !== own

/** A rule can be given the weights of one pair of target groups, for one kind of traffic. */
const checkRules = (loadBalancers: readonly LoadBalancer[]): void => {
  const uses = loadBalancers.flatMap(({ targetGroupArn, advancedConfiguration }) => {
    const { alternateTargetGroupArn, productionListenerRule, testListenerRule } = advancedConfiguration ?? {}
    const groups = `${targetGroupArn}|${alternateTargetGroupArn}`
    return [
      { arn: productionListenerRule, use: `production|${groups}` },
      { arn: testListenerRule, use: `test|${groups}` },
    ]
  })
  for (const { arn, use } of uses)
    if (arn !== undefined && uses.some(other => other.arn === arn && other.use !== use))
      throw invalidParameter(
        `The listener rule ${arn} is specified for more than one pair of target groups or kind of traffic.`,
      )
}

const repeatedOf = <T>(items: readonly T[], keyOf: (item: T) => string): T | undefined => {
  const keys = new Set<string>()
  return items.find(item => keys.size === keys.add(keyOf(item)).size)
}
