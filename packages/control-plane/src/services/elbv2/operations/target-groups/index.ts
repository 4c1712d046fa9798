import type { IsInstance } from '../../targets.ts'
import { changeTargetGroupOperations } from './change-target-group.ts'
import { createTargetGroup } from './create-target-group.ts'
import { describeTargetGroups } from './describe-target-groups.ts'
import { targetOperations } from './targets.ts'

export const targetGroupOperations = (isInstance: IsInstance) => [
  createTargetGroup,
  describeTargetGroups,
  ...changeTargetGroupOperations,
  ...targetOperations(isInstance),
]
