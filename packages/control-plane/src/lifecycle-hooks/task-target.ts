import type { Identity } from '@berth/aws-api'
import {
  answerOfHookTask,
  type HookCall,
  type HookTarget,
  NoRoomForHook,
  startHookTask,
} from '../services/ecs/index.ts'
import type { Millis } from '../store/table.ts'
import type { Store } from '../store/view.ts'
import { LastingError } from './lasting-error.ts'

export interface TaskTargetOptions {
  readonly store: Store
  readonly now: () => Millis
  readonly randomHex: (bytes: number) => string
  /** In whose name the task is run. */
  readonly identity: Identity
}

/** Runs the task, or finds the one that an earlier attempt started, and waits for its end. */
export const callTask = async (
  { store, now, randomHex, identity }: TaskTargetOptions,
  target: Extract<HookTarget, { kind: 'task' }>,
  call: HookCall,
  id: string,
  signal: AbortSignal,
): Promise<unknown> => {
  const taskArn = started(() =>
    startHookTask(store, target, call, id, {
      identity,
      now: now(),
      randomHex,
      request: {
        requestId: id,
        identity,
        region: call.serviceArn.split(':')[3] ?? '',
        service: 'ecs',
        operation: 'RunTask',
        protocol: 'json-1.1',
        sourceAddress: '127.0.0.1',
        userAgent: 'berth-lifecycle-hooks',
        headers: {},
      },
    }),
  )
  const answer = answerOfHookTask(store, taskArn)
  if (answer) return answer
  const end = Promise.withResolvers<unknown>()
  const stopWatching = store.watch(({ changes }) => {
    if (!changes.some(change => change.id === taskArn)) return
    const said = answerOfHookTask(store, taskArn)
    if (said) end.resolve(said)
  })
  const onAbort = (): void => end.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    return await end.promise
  } finally {
    stopWatching()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Room may come; a request that RunTask refuses stays as it is. */
const started = (start: () => string): string => {
  try {
    return start()
  } catch (error) {
    if (error instanceof NoRoomForHook) throw error
    throw new LastingError(error instanceof Error ? error.message : String(error))
  }
}
