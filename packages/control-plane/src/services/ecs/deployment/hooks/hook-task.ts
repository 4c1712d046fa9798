/** A task that stands behind a hook: it runs to its end, and its exit codes are the hook's status. */
import { createHash } from 'node:crypto'
import type { ContainerOverride, RunTaskRequest } from '@aws-sdk/client-ecs'
import { AwsError } from '@berth/aws-api'
import { scopeOfArn } from '@berth/model'
import type { Store, View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { runTask } from '../../operations/tasks/run-task.ts'
import { noContainerInstances } from '../../placement/explanation.ts'
import { activeTaskDefinition } from '../../references.ts'
import { type TaskRow, tasks } from '../../tables/index.ts'
import type { HookCall, HookTarget } from './hook-targets.ts'

type TaskTarget = Extract<HookTarget, { kind: 'task' }>

/** A container finds the event in it, as JSON. */
const eventVariable = 'BERTH_HOOK_EVENT'

/** There was no room; there may be later. */
export class NoRoomForHook extends Error {
  override readonly name = 'NoRoomForHook'
}

/**
 * Starts the task, once for each id however often it is asked: RunTask's clientToken is made of it. Throws NoRoomForHook,
 * and RunTask's refusals.
 */
export const startHookTask = (
  store: Store,
  { task }: TaskTarget,
  call: HookCall,
  id: string,
  caller: Pick<Call, 'identity' | 'request' | 'now' | 'randomHex'>,
): string => {
  const scope = scopeOfArn(call.serviceArn)
  const request: RunTaskRequest = {
    ...task,
    taskDefinition: task.taskDefinition,
    cluster: task.cluster ?? call.clusterArn,
    clientToken: createHash('sha256').update(id).digest('base64url'),
    startedBy: call.preDeployment?.startedBy ?? `lifecycle-hook/${call.event.executionId}`,
    overrides: {
      ...task.overrides,
      containerOverrides: withEvent(
        containersOf(store, call, task.taskDefinition ?? ''),
        task.overrides?.containerOverrides ?? [],
        JSON.stringify(call.event),
      ),
    },
  }
  const { tasks: started = [], failures = [] } = run(request, { ...caller, scope, store })
  const [first] = started
  if (first?.taskArn === undefined)
    throw new NoRoomForHook(failures[0]?.reason ?? 'The task that it had started is not known any more.')
  return first.taskArn
}

const run = (request: RunTaskRequest, call: Call) => {
  try {
    return runTask.handle(request, call) as Awaited<ReturnType<typeof runTask.handle>>
  } catch (error) {
    if (error instanceof AwsError && error.message === noContainerInstances)
      throw new NoRoomForHook(error.message)
    throw error
  }
}

const containersOf = (view: View, { serviceArn }: HookCall, taskDefinition: string): readonly string[] =>
  (
    activeTaskDefinition(view, scopeOfArn(serviceArn), taskDefinition).definition.containerDefinitions ?? []
  ).map(({ name = '' }) => name)

const withEvent = (
  names: readonly string[],
  overrides: readonly ContainerOverride[],
  event: string,
): ContainerOverride[] => {
  const named = new Map(overrides.map(override => [override.name, override]))
  return names.map(name => {
    const override = named.get(name)
    const environment = [...(override?.environment ?? []), { name: eventVariable, value: event }]
    return { ...override, name, environment }
  })
}

/** What the hook is said to have answered; undefined as long as the task has not stopped. */
export const answerOfHookTask = (view: View, taskArn: string): object | undefined => {
  const task = view.get(tasks, taskArn)
  if (task === undefined) return failed(`${taskArn} is not known any more.`)
  if (task.lastStatus !== 'STOPPED') return undefined
  const bad = task.containers.find(({ essential, exitCode }) => essential !== false && exitCode !== 0)
  return bad === undefined ? { hookStatus: 'SUCCEEDED' } : failed(reasonOf(task, bad))
}

const failed = (reason: string): object => ({ hookStatus: 'FAILED', reason })

const reasonOf = (task: TaskRow, { name, exitCode }: TaskRow['containers'][number]): string =>
  exitCode === undefined
    ? `${task.id}: ${task.stoppedReason ?? 'it stopped'}.`
    : `${task.id}: container ${name} ended with exit code ${exitCode}.`
