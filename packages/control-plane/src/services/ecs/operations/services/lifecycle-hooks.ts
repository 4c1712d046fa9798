/** Which life-cycle hooks a service may have. (AWS: DeploymentLifecycleHook, "Pause hooks", "Lambda hooks") */
import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs'
import { isPause } from '../../deployment/hooks/hook-run.ts'
import type { HookTargets } from '../../deployment/hooks/hook-targets.ts'
import { invalidParameter } from '../../errors.ts'

/** They are come to again while a deployment is rolled back, and nobody should have to let it. */
const lambdaOnly = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']
/** A rolling update has no other ones: it moves no traffic. */
export const rollingStages: readonly string[] = ['PRE_SCALE_UP', 'POST_SCALE_UP']

const mostOfAKind = 10
const longestMinutes = { PAUSE: 20_160, AWS_LAMBDA: 1_440 } as const

/** Throws InvalidParameterException. */
export const checkHooks = (
  hooks: readonly DeploymentLifecycleHook[],
  strategy: string,
  targets: HookTargets,
): void => {
  for (const hook of hooks) {
    checkStages(hook, strategy)
    checkTimeout(hook)
    if (isPause(hook)) checkPause(hook)
    else checkTarget(hook, targets)
  }
  const pauses = hooks.filter(isPause).length
  if (pauses > mostOfAKind || hooks.length - pauses > mostOfAKind)
    throw invalidParameter(
      `A service can have at most ${mostOfAKind} pause hooks and ${mostOfAKind} Lambda hooks.`,
    )
}

const checkStages = (hook: DeploymentLifecycleHook, strategy: string): void => {
  const { lifecycleStages = [] } = hook
  if (lifecycleStages.length === 0)
    throw invalidParameter('lifecycleStages of a lifecycle hook cannot be empty.')
  for (const stage of lifecycleStages) {
    if (isPause(hook) && lambdaOnly.includes(stage))
      throw invalidParameter('Invalid lifecycle stage provided for Pause Hook')
    if (strategy === 'ROLLING' && !rollingStages.includes(stage))
      throw invalidParameter(
        `The ROLLING deployment strategy has no lifecycle stage ${stage}. Its hooks run at ${rollingStages.join(' and ')}.`,
      )
  }
}

const checkTimeout = (hook: DeploymentLifecycleHook): void => {
  const { timeoutInMinutes } = hook.timeoutConfiguration ?? {}
  const most = longestMinutes[isPause(hook) ? 'PAUSE' : 'AWS_LAMBDA']
  if (timeoutInMinutes !== undefined && !(timeoutInMinutes >= 1 && timeoutInMinutes <= most))
    throw invalidParameter(`timeoutInMinutes of the lifecycle hook must be between 1 and ${most}.`)
}

const checkPause = ({ hookTargetArn, roleArn, hookDetails }: DeploymentLifecycleHook): void => {
  if (hookTargetArn !== undefined || roleArn !== undefined || hookDetails !== undefined)
    throw invalidParameter('A pause hook takes no hookTargetArn, roleArn or hookDetails.')
}

const checkTarget = ({ hookTargetArn, hookDetails }: DeploymentLifecycleHook, targets: HookTargets): void => {
  if (!hookTargetArn) throw invalidParameter('hookTargetArn is required for AWS_LAMBDA lifecycle hooks.')
  if (
    hookDetails !== undefined &&
    (typeof hookDetails !== 'object' || hookDetails === null || Array.isArray(hookDetails))
  )
    throw invalidParameter('hookDetails of a lifecycle hook must be a JSON object.')
  if (!targets.has(hookTargetArn))
    throw invalidParameter(
      `Nothing is known to run for the hook target ${hookTargetArn}: the operator of this server has to name a URL or a task for it in the file of BERTH_HOOKS.`,
    )
}

/** Of a service whose strategy changed: none of its hooks may stay behind at a stage that does not come. */
export const checkKeptHooks = (hooks: readonly DeploymentLifecycleHook[], strategy: string): void => {
  if (strategy !== 'ROLLING') return
  const kept = hooks.flatMap(({ lifecycleStages = [] }) => lifecycleStages)
  const left = kept.find(stage => !rollingStages.includes(stage))
  if (left !== undefined)
    throw invalidParameter(
      `The ROLLING deployment strategy has no lifecycle stage ${left}. Give lifecycleHooks without it.`,
    )
}
