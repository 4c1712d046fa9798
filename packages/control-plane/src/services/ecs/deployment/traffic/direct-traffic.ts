import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { Performer } from '../../../../control-loop/effects.ts'
import type { Store, Transaction } from '../../../../store/view.ts'
import { rules, targetGroups } from '../../../elbv2/index.ts'
import { targetGroupOf } from '../../load-balancing/targets-of-task.ts'
import { serviceDeployments } from '../../tables/index.ts'
import { type GroupWeights, listenerRuleOf, ruleOf, withWeights } from './rules.ts'
import type { TrafficShift } from './traffic-router.ts'

/** What a load balancer cannot do, however often it is told. */
class Undirectable extends Error {
  override readonly name = 'Undirectable'
  readonly retryable = false
}

/**
 * Gives the rules of a service's load balancers the weights of a shift. May be called again; does nothing for a shift that
 * another one has followed. Throws Undirectable.
 */
const directTraffic = (tx: Transaction, shift: TrafficShift): void => {
  const { progress } = tx.get(serviceDeployments, shift.serviceDeploymentArn) ?? {}
  if (progress?.shift?.sequence !== shift.sequence) return
  for (const balancer of shift.loadBalancers) {
    const arn = listenerRuleOf(balancer, shift.traffic)
    if (arn === undefined) continue
    const rule = ruleOf(tx, arn)
    if (rule === undefined) throw new Undirectable(`The listener rule ${arn} does not exist.`)
    if (!rule.actions.some(({ Type }) => Type === 'forward'))
      throw new Undirectable(`The listener rule ${arn} does not forward to target groups.`)
    const weights = groupWeights(balancer, shift)
    for (const group of weights.keys())
      if (tx.get(targetGroups, group) === undefined)
        throw new Undirectable(`The target group ${group} does not exist.`)
    const after = withWeights(rule, weights)
    if (after !== rule) tx.put(rules, after)
  }
}

/** Does what `ecs.shiftTraffic` asks. */
export const shiftPerformer =
  (store: () => Store): Performer =>
  async ({ request }) => {
    store().update(tx => directTraffic(tx, request as TrafficShift))
    return null
  }

/** Of both target groups of a load balancer, whichever revisions are in them. */
const groupWeights = (balancer: LoadBalancer, { weights, inAlternate }: TrafficShift): GroupWeights => {
  const [main, alternate] = [targetGroupOf(balancer, false), targetGroupOf(balancer, true)]
  const all = new Map([
    [main, 0],
    [alternate, 0],
  ])
  for (const [revision, weight] of Object.entries(weights)) {
    const group = inAlternate.includes(revision) ? alternate : main
    all.set(group, (all.get(group) ?? 0) + weight)
  }
  return all
}
