import { tasks } from '../services/ecs/tables/index.ts'
import { type StopCause, stopForGood } from '../services/ecs/task-stop.ts'
import type { Millis } from '../store/table.ts'
import type { Store } from '../store/view.ts'

const neverAcknowledged: StopCause = {
  stopCode: 'TaskFailedToStart',
  reason: 'The container agent did not acknowledge the task.',
}

/** Its agent refuses even to hear of the task: it will never start there. One that it reports on is left to its reports. */
export const failUnacknowledged = (store: Store, taskArn: string, now: Millis): void =>
  store.update(tx => {
    const task = tx.get(tasks, taskArn)
    if (task?.lastStatus === 'PROVISIONING' || task?.lastStatus === 'PENDING')
      tx.put(tasks, stopForGood(task, neverAcknowledged, now))
  })
