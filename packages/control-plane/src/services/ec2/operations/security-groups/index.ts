import { existingRuleOperations } from './existing-rules.ts'
import { groupOperations } from './groups.ts'
import { ruleOperations } from './rules.ts'

export const securityGroupFolder = [...groupOperations, ...ruleOperations, ...existingRuleOperations]
