import { targetGroupOf } from '../../load-balancing/targets-of-task.ts'
import type { DeploymentRow, ServiceDeploymentRow } from '../../tables/index.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { listenerRuleOf, ruleOf, withGroup } from './rules.ts'

/**
 * Gives the target of a deployment the target groups in which the source's tasks are not, before its first task starts; and
 * has the rules name them, so that its tasks are checked before they get traffic.
 */
export const separateTargetGroups = (
  draft: ServiceDraft,
  { targetDeploymentId }: ServiceDeploymentRow,
  sourceDeploymentId: string | undefined,
): void => {
  const target = draft.deployments.find(({ id }) => id === targetDeploymentId)
  if (!target?.loadBalancers?.length) return
  const source = draft.deployments.find(({ id }) => id === sourceDeploymentId)
  const usesAlternate = target.loadBalancers.some(({ targetGroupArn }) =>
    groupsOf(source).includes(targetGroupArn ?? ''),
  )
  const { usesAlternateTargetGroups: _, ...rest } = target
  draft.replace(usesAlternate ? { ...rest, usesAlternateTargetGroups: true } : rest)
  for (const balancer of target.loadBalancers)
    for (const traffic of ['production', 'test'] as const) {
      const rule = ruleOf(draft.view, listenerRuleOf(balancer, traffic) ?? '')
      const after = rule && withGroup(rule, targetGroupOf(balancer, usesAlternate))
      if (after && after !== rule) draft.putRule(after)
    }
}

const groupsOf = (deployment: DeploymentRow | undefined): readonly string[] =>
  (deployment?.loadBalancers ?? []).map(balancer =>
    targetGroupOf(balancer, deployment?.usesAlternateTargetGroups === true),
  )
