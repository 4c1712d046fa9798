import { scopeOfArn } from '@berth/model'
import { newEffect } from '../../../../control-loop/effects.ts'
import { effects } from '../../../../control-loop/effects-table.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { type EventSubject, hookEvent } from './hook-event.ts'
import { afterCall, afterTime, type HookRun, isOpen } from './hook-run.ts'
import { type HookCall, type HookTargets, hookCallKind } from './hook-targets.ts'
import { runsPreDeploymentTask, startedByOf } from './pre-deployment-task.ts'

/** A function answers within a quarter of an hour. (AWS: "Amazon ECS blue/green service deployments workflow") */
const longestCallMs = 15 * 60_000
/** While a pre-deployment task of an earlier deployment ends. */
const lookAgainMs = 1_000

/** The effect of a run's newest call. */
export const callIdOf = (
  serviceArn: string,
  { hookId, calls }: Pick<HookRun, 'hookId' | 'calls'>,
): string => {
  const { accountId, region } = scopeOfArn(serviceArn)
  return `${accountId}:${region}:hook:${hookId}:${calls}`
}

/** True while the outside is asked. */
export const isCalled = (run: HookRun): boolean =>
  run.targetType === 'AWS_LAMBDA' && isOpen(run) && run.callAfter === undefined

/** Each run a step further, as far as time and answers let it: calls that are due are made, answers are heard. */
export const callHooks = (
  draft: ServiceDraft,
  runs: readonly HookRun[],
  subject: EventSubject,
  targets: HookTargets,
): readonly HookRun[] => {
  const after = runs.map(run => nextOf(draft, run, subject, targets))
  return after.every((run, index) => run === runs[index]) ? runs : after
}

const nextOf = (
  draft: ServiceDraft,
  before: HookRun,
  subject: EventSubject,
  targets: HookTargets,
): HookRun => {
  const run = afterTime(before, draft.now)
  if (!isOpen(run) || run.targetType === 'PAUSE') return run
  if (run.callAfter !== undefined)
    return draft.now < run.callAfter ? run : called(draft, run, subject, targets)
  const { result } = draft.view.get(effects, callIdOf(subject.serviceArn, run)) ?? {}
  return result ? afterCall(run, result, draft.now) : run
}

/** The service's pre-deployment task, if it is what the hook stands for. */
const ownTaskOf = ({ serviceDeployment }: ServiceDraft, targetArn: string) => {
  const own = serviceDeployment?.preDeployment
  return own?.task.taskDefinition === targetArn ? own : undefined
}

const called = (
  draft: ServiceDraft,
  before: HookRun,
  subject: EventSubject,
  targets: HookTargets,
): HookRun => {
  const { targetArn = '', expiresAt } = before
  const own = ownTaskOf(draft, targetArn)
  if (own && runsPreDeploymentTask(draft.view, draft.service.clusterArn, subject.serviceArn))
    return { ...before, callAfter: draft.now + lookAgainMs }
  const run: HookRun = { ...before, calls: before.calls + 1, callAfter: undefined }
  const isTask = own !== undefined || targets.get(targetArn)?.kind === 'task'
  const request: HookCall = {
    serviceArn: subject.serviceArn,
    serviceDeploymentArn: subject.serviceDeploymentArn,
    clusterArn: draft.service.clusterArn,
    targetArn,
    event: hookEvent(run, subject),
    ...(own && { preDeployment: { task: own.task, startedBy: startedByOf(subject.serviceArn) } }),
  }
  const id = callIdOf(subject.serviceArn, run)
  const deadline = isTask ? expiresAt : Math.min(expiresAt, draft.now + longestCallMs)
  draft.request(newEffect({ id, kind: hookCallKind, request, deadline }, draft.now))
  return run
}
