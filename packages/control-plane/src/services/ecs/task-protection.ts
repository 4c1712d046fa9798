import type { Millis } from '../../store/table.ts'
import type { TaskRow } from './tables/index.ts'

/** Neither scale-in nor a deployment stops the task. (AWS: "Protect your Amazon ECS tasks from being terminated by scale-in events") */
export const isProtected = ({ protectedUntil }: Pick<TaskRow, 'protectedUntil'>, now: Millis): boolean =>
  protectedUntil !== undefined && now < protectedUntil
