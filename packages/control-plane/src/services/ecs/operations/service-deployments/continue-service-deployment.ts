import type { ContinueServiceDeploymentRequest, ContinueServiceDeploymentResponse } from '@aws-sdk/client-ecs'
import { type Call, operation } from '../../../service.ts'
import { afterAction, type HookRun } from '../../deployment/hooks/hook-run.ts'
import { invalidParameter, serviceDeploymentNotFound } from '../../errors.ts'
import { serviceArnOfPart } from '../../references.ts'
import {
  endedServiceDeployments,
  hasEnded,
  type ServiceDeploymentRow,
  serviceDeployments,
} from '../../tables/index.ts'
import { pastRecordsById } from './past-records.ts'

/** (AWS: "Continuing service deployments"; "Troubleshooting Amazon ECS blue/green deployments" for the refusals) */
export const continueServiceDeployment = operation<
  ContinueServiceDeploymentRequest,
  ContinueServiceDeploymentResponse
>({
  name: 'ContinueServiceDeployment',
  effect: 'writes',
  resources: ({ serviceDeploymentArn = '' }) => [serviceDeploymentArn],
  handle: async ({ serviceDeploymentArn = '', hookId = '', action = 'CONTINUE' }, call) => {
    if (!/^ecs-(pause|lambda)-[\w-]+$/.test(hookId))
      throw invalidParameter('Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}')
    const serviceArn = serviceArnOfPart(call.store, call.scope, 'service-deployment', serviceDeploymentArn)
    const isThere = call.store.update(tx => {
      const row = tx.get(serviceDeployments, serviceDeploymentArn)
      if (row) tx.put(serviceDeployments, acted(row, hookId, action, call.now))
      return row !== undefined
    })
    if (!isThere) await refusePast(call, serviceArn, serviceDeploymentArn)
    return { serviceDeploymentArn }
  },
})

const ended = (): Error =>
  invalidParameter(
    'Continuing a service deployment is not allowed for service deployment in terminal states.',
  )

/** One that a later one of its service has followed, or that has never been. */
const refusePast = async ({ store }: Call, serviceArn: string, arn: string): Promise<never> => {
  const past = await pastRecordsById(store.history, endedServiceDeployments, serviceArn, new Set([arn]))
  throw past.has(arn) ? ended() : serviceDeploymentNotFound()
}

const acted = (
  row: ServiceDeploymentRow,
  hookId: string,
  action: 'CONTINUE' | 'ROLLBACK',
  now: number,
): ServiceDeploymentRow => {
  if (hasEnded(row)) throw ended()
  const { progress } = row
  const run = progress?.hooks.find(one => one.hookId === hookId)
  if (progress === undefined || run?.status !== 'AWAITING_ACTION')
    throw invalidParameter(
      'Provided hookId is either completed, unavailable, or not associated with the given Resource ARN',
    )
  const hooks = progress.hooks.map((one): HookRun => (one === run ? afterAction(run, action) : one))
  return { ...row, progress: { ...progress, hooks }, updatedAt: now }
}
