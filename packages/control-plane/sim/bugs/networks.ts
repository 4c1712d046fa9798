/** Bugs of the interfaces of tasks. */

import { type TaskRow, tasks } from '../../src/services/ecs/tables/index.ts'
import type { Row } from '../../src/store/table.ts'
import type { Change } from '../../src/store/view.ts'
import type { PlantedBug } from '../seams.ts'
import { blurred } from './seen-through.ts'

/** As if every task that is told to stop had. */
const stopped = (task: TaskRow): TaskRow =>
  task.desiredStatus === 'STOPPED' ? { ...task, lastStatus: 'STOPPED' } : task

const stoppedChange = (change: Change): Change =>
  change.after ? { ...change, after: stopped(change.after as TaskRow) as Row } : change

export const reusedAddress: PlantedBug = {
  name: 'reused-address',
  says: 'The address of a task is free as soon as the task is told to stop.',
  seams: () => {
    const { reconcilers } = blurred('ecs.task-interfaces', tasks, stopped)
    return {
      reconcilers: (honest, planted) =>
        (reconcilers?.(honest, planted) ?? honest).map(reconciler =>
          reconciler.name !== 'ecs.task-interfaces'
            ? reconciler
            : {
                ...reconciler,
                keysOf: (change, view) => reconciler.keysOf(stoppedChange(change), view),
              },
        ),
    }
  },
}

export const keptAddress: PlantedBug = {
  name: 'kept-address',
  says: 'Nobody hears that a task has ended, and its interface stays.',
  seams: () => ({
    reconcilers: reconcilers =>
      reconcilers.map(reconciler => ({
        ...reconciler,
        keysOf: (change, view) =>
          reconciler.name === 'ecs.task-interfaces' && change.before !== undefined
            ? []
            : reconciler.keysOf(change, view),
      })),
  }),
}
