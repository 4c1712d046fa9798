import type { Service } from '../../../service.ts'
import { createTaskSet } from './create-task-set.ts'
import { deleteTaskSet } from './delete-task-set.ts'
import { describeTaskSets } from './describe-task-sets.ts'
import { updateServicePrimaryTaskSet } from './update-service-primary-task-set.ts'
import { updateTaskSet } from './update-task-set.ts'

export const taskSetOperations: Service['operations'] = [
  createTaskSet,
  deleteTaskSet,
  describeTaskSets,
  updateServicePrimaryTaskSet,
  updateTaskSet,
]
