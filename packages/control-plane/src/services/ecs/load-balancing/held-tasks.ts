import type { View } from '../../../store/view.ts'
import { targets } from '../../elbv2/index.ts'
import type { TaskRow } from '../tables/index.ts'

/**
 * A task that is to stop, and that load balancers have not let go of: its host is told to stop it once they have, so that no
 * request meets a container that ends. One that ends by itself is not held.
 */
export const isHeldByTargets = (view: View, task: TaskRow): boolean =>
  task.targetHealth !== undefined &&
  task.desiredStatus === 'STOPPED' &&
  task.lastStatus === 'RUNNING' &&
  task.containers.every(({ essential, lastStatus }) => essential === false || lastStatus !== 'STOPPED') &&
  view.count(targets, 'byTask', task.id) > 0
