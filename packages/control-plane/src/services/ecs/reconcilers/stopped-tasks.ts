import { append, type Expectation, type Reconciler, remove, type Step } from '../../../control-loop/plan.ts'
import type { Change } from '../../../store/view.ts'
import { minuteMs, stoppedMinute, stoppedTasks, type TaskRow, tasks } from '../tables/index.ts'
import { unchanged } from './unchanged.ts'

/** How long a STOPPED task stays describable, as in ECS; up to a minute longer, since whole minutes leave together. */
const keptMs = 3_600_000

/** How many tasks leave in one plan: a slice of a millisecond or two. */
const sliceSize = 250

/** Moves tasks that have been STOPPED for an hour from memory to history. A key is a `stoppedMinute`. */
export const stoppedTaskReconciler: Reconciler = {
  name: 'ecs.stopped-task',
  keys: function* (view) {
    for (const task of view.where(tasks, 'byLastStatus', 'STOPPED')) yield* minutesOf(task)
  },
  keysOf: ({ table, before, after }: Change) =>
    table.name === tasks.name && after && (before as TaskRow | undefined)?.lastStatus !== 'STOPPED'
      ? minutesOf(after as TaskRow)
      : [],
  reconcile: (view, minute, { now }) => {
    const leavesAt = (Number(minute) + 1) * minuteMs + keptMs
    if (now < leavesAt) return { expects: [], steps: [], wakeAt: leavesAt }
    const expects: Expectation[] = []
    const steps: Step[] = []
    for (const task of view.where(tasks, 'byStoppedMinute', minute)) {
      if (expects.length === sliceSize) return { expects, steps, unfinished: true }
      expects.push(unchanged(view, tasks, task.id))
      steps.push(append(stoppedTasks, task), remove(tasks, task.id))
    }
    return { expects, steps }
  },
}

const minutesOf = (task: TaskRow): readonly string[] => {
  const minute = stoppedMinute(task)
  return minute === undefined ? [] : [minute]
}
