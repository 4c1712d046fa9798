import type { Elbv2Parts } from '../../service-parts.ts'
import { changeRuleOperations } from './change-rule.ts'
import { describeRuleOperations } from './describe-rules.ts'

export const ruleOperations = (parts: Elbv2Parts) => [
  ...changeRuleOperations(parts),
  ...describeRuleOperations,
]
