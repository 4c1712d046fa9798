import type { Service } from '../../../service.ts'
import { describeTasks } from './describe-tasks.ts'
import { listTasks } from './list-tasks.ts'
import { runTask } from './run-task.ts'
import { startTask } from './start-task.ts'
import { stopTask } from './stop-task.ts'
import { getTaskProtection, updateTaskProtection } from './task-protection.ts'

export const taskOperations: Service['operations'] = [
  describeTasks,
  listTasks,
  runTask,
  startTask,
  stopTask,
  getTaskProtection,
  updateTaskProtection,
]
