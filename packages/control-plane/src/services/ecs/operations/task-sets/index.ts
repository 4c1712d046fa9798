import type { Service } from '../../../service.ts'
import type { StrategySettings } from '../../deployment/strategies/stage-state.ts'
import { createTaskSetWith } from './create-task-set.ts'
import { deleteTaskSet } from './delete-task-set.ts'
import { describeTaskSets } from './describe-task-sets.ts'
import { updateServicePrimaryTaskSet } from './update-service-primary-task-set.ts'
import { updateTaskSet } from './update-task-set.ts'

export const taskSetOperations = (settings: StrategySettings): Service['operations'] => [
  createTaskSetWith(settings),
  deleteTaskSet,
  describeTaskSets,
  updateServicePrimaryTaskSet,
  updateTaskSet,
]
