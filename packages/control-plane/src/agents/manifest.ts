import type { TaskManifestMessage, TaskStopVerificationAck } from '@berth/model'
import { isHeldByTargets } from '../services/ecs/load-balancing/held-tasks.ts'
import { type TaskRow, tasks } from '../services/ecs/tables/index.ts'
import type { View } from '../store/view.ts'
import { recordsOf, textOf } from './frames.ts'

/** Every task that an instance should know of, as JSON. */
export const manifestTasksJson = (view: View, containerInstanceArn: string): string => {
  const listed: TaskManifestMessage['tasks'][number][] = []
  for (const task of view.where(tasks, 'byInstance', containerInstanceArn)) {
    const mustStop = task.desiredStatus === 'STOPPED' && !isHeldByTargets(view, task)
    const desiredStatus = mustStop ? 'STOPPED' : 'RUNNING'
    listed.push({ taskArn: task.id, taskClusterArn: task.clusterArn, desiredStatus })
  }
  return JSON.stringify(listed)
}

/** The manifest's frame, around a list of tasks that was made earlier: most minutes change nothing. */
export const manifestFrame = (head: Omit<TaskManifestMessage, 'tasks'>, tasksJson: string): string =>
  `{"type":"TaskManifestMessage","message":${JSON.stringify(head).slice(0, -1)},"tasks":${tasksJson}}}`

export interface StopVerdict {
  readonly stop: TaskStopVerificationAck['stopTasks']
  /** Tasks that this data knows nothing of, and that another incarnation may have started: they are let run. */
  readonly foreign: readonly string[]
}

/**
 * Which of the tasks that an agent runs and did not find in its manifest must really stop.
 * `trustsUnknown`: the instance has belonged to this incarnation all along, so that an unknown task is a forgotten one.
 */
export const verifyStops = (
  view: View,
  containerInstanceArn: string,
  message: unknown,
  trustsUnknown: boolean,
): StopVerdict => {
  const stop: TaskStopVerificationAck['stopTasks'][number][] = []
  const foreign: string[] = []
  for (const candidate of recordsOf(message, 'stopCandidates')) {
    const taskArn = textOf(candidate, 'taskArn')
    if (taskArn === '') continue
    const task = view.get(tasks, taskArn)
    if (task === undefined && !trustsUnknown) foreign.push(taskArn)
    else if (task === undefined || !isWanted(view, task, containerInstanceArn))
      stop.push({ taskArn, taskClusterArn: textOf(candidate, 'taskClusterArn'), desiredStatus: 'STOPPED' })
  }
  return { stop, foreign }
}

const isWanted = (view: View, task: TaskRow, containerInstanceArn: string): boolean =>
  task.containerInstanceArn === containerInstanceArn &&
  task.lastStatus !== 'STOPPED' &&
  (task.desiredStatus !== 'STOPPED' || isHeldByTargets(view, task))
