import type { Performer } from '../control-loop/effects.ts'
import type { HookCall, HookTargets } from '../services/ecs/index.ts'
import { LastingError } from './lasting-error.ts'
import { callTask, type TaskTargetOptions } from './task-target.ts'
import { callUrl } from './url-target.ts'

/** Calls what stands behind a hook. Its result is what the hook answered. */
export const hookPerformer =
  (targets: HookTargets, options: TaskTargetOptions): Performer =>
  async ({ id, request, signal }) => {
    const call = request as HookCall
    const { preDeployment } = call
    if (preDeployment) return callTask(options, { kind: 'task', task: preDeployment.task }, call, id, signal)
    const target = targets.get(call.targetArn)
    if (target === undefined)
      throw new LastingError('nothing that stands for it: the file of BERTH_HOOKS does not name it')
    return target.kind === 'url'
      ? callUrl(target, call, id, signal)
      : callTask(options, target, call, id, signal)
  }
