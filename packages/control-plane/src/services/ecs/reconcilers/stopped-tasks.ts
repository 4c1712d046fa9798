import {
  append,
  type Expectation,
  type Plan,
  type Reconciler,
  remove,
  type Step,
  unchanged,
} from '../../../control-loop/plan.ts'
import type { Change, View } from '../../../store/view.ts'
import { clientTokens, minuteMs, stoppedMinute, stoppedTasks, type TaskRow, tasks } from '../tables/index.ts'

/** How long a STOPPED task stays describable, as in ECS; up to a minute longer, since whole minutes leave together. */
const keptMs = 3_600_000

/** How many tasks leave in one plan: a slice of a millisecond or two. */
const sliceSize = 250

/**
 * Moves tasks that have been STOPPED for an hour from memory to history; the last one of a call takes its clientToken
 * along. A key is a `stoppedMinute`.
 */
export const stoppedTaskReconciler: Reconciler = {
  name: 'ecs.stopped-task',
  keys: function* (view) {
    for (const task of view.where(tasks, 'byLastStatus', 'STOPPED')) yield* minutesOf(task)
  },
  tables: [tasks],
  keysOf: ({ before, after }: Change) =>
    after && (before as TaskRow | undefined)?.lastStatus !== 'STOPPED' ? minutesOf(after as TaskRow) : [],
  reconcile: (view, minute, { now }) => {
    const leavesAt = (Number(minute) + 1) * minuteMs + keptMs
    if (now < leavesAt) return { expects: [], steps: [], wakeAt: leavesAt }
    const leaving = new Map<string, TaskRow>()
    for (const task of view.where(tasks, 'byStoppedMinute', minute)) {
      if (leaving.size === sliceSize) return { ...leave(view, leaving), unfinished: true }
      leaving.set(task.id, task)
    }
    return leave(view, leaving)
  },
}

const leave = (view: View, leaving: ReadonlyMap<string, TaskRow>): Plan => {
  const expects: Expectation[] = []
  const steps: Step[] = []
  for (const task of leaving.values()) {
    expects.push(unchanged(view, tasks, task.id))
    steps.push(append(stoppedTasks, task), remove(tasks, task.id))
  }
  for (const id of tokensOfNothing(view, leaving)) {
    expects.push(unchanged(view, clientTokens, id))
    steps.push(remove(clientTokens, id))
  }
  return { expects, steps }
}

/** The tokens of calls all of whose tasks are gone then. A token that was used again after a day is its later call's. */
const tokensOfNothing = (view: View, leaving: ReadonlyMap<string, TaskRow>): ReadonlySet<string> => {
  const tokens = new Set<string>()
  for (const { clientTokenId } of leaving.values()) {
    const token = clientTokenId === undefined ? undefined : view.get(clientTokens, clientTokenId)
    if (token?.resourceArns.every(arn => leaving.has(arn) || !view.get(tasks, arn))) tokens.add(token.id)
  }
  return tokens
}

const minutesOf = (task: TaskRow): readonly string[] => {
  const minute = stoppedMinute(task)
  return minute === undefined ? [] : [minute]
}
