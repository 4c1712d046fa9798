/**
 * UpdateService with another deployment controller: ECS's deployment becomes a task set, or a task set ECS's deployment;
 * its tasks stay as they are. (AWS: "Update Amazon ECS service parameters", "Deployment controller")
 */
import type { UpdateServiceRequest } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { newDeployment } from '../../deployment/new-deployment.ts'
import { completed } from '../../deployment/rollout.ts'
import { latestServiceDeployment } from '../../deployment/service-deployments/new-service-deployment.ts'
import { revisionRecordOf } from '../../deployment/service-deployments/revision-record.ts'
import { newTaskSet } from '../../deployment/task-sets/new-task-set.ts'
import { taskSetsOf } from '../../deployment/task-sets/task-set-draft.ts'
import { usesTaskSets } from '../../deployment/task-sets/uses-task-sets.ts'
import { invalidParameter, unsupportedFeature } from '../../errors.ts'
import {
  type DeploymentRow,
  deployments,
  hasEnded,
  pastServiceRevisions,
  type ServiceRow,
  type TaskSetRow,
  taskSets,
} from '../../tables/index.ts'
import { mergedConfiguration } from './deployment-configuration.ts'
import { checkConfiguration, checkController, shownConfiguration } from './other-controllers.ts'

/** The service with the controller that the request names, before anything else of it is changed. */
export const withController = (
  tx: Transaction,
  request: UpdateServiceRequest,
  call: Call,
  before: ServiceRow,
): ServiceRow => {
  const from = before.deploymentController?.type ?? 'ECS'
  const to = request.deploymentController?.type ?? from
  if (to === from) return before
  if (to === 'ECS') return toEcs(tx, call, before)
  if (to === 'CODE_DEPLOY')
    throw unsupportedFeature(
      'A change to the CODE_DEPLOY deployment controller (deploymentController) of services: not supported by Berth.',
    )
  if (usesTaskSets(before)) return { ...before, deploymentController: { type: to } }
  checkController('EXTERNAL', request, before.schedulingStrategy)
  checkConfiguration({ ...before.deploymentConfiguration, ...request.deploymentConfiguration })
  // It would wait for deployments that never come.
  if (before.preDeploymentTask)
    throw invalidParameter(
      'Pre-deployment task feature is only supported with ECS deployment controller. Delete the pre-deployment task and try again.',
    )
  return toExternal(tx, call, before)
}

const tooMany =
  'Updating the deployment controller is not supported when there are multiple tasksets in the service. Please ensure your service has only one taskset and try again.'
const noPrimary =
  'Updating the deployment controller requires a primary taskset in the service. Please ensure your service has a primary taskset and try again.'
const ongoing =
  'Updating the deployment controller is not supported during an ongoing service deployment. Wait for it to end and try again.'

const toExternal = (tx: Transaction, { now, randomHex }: Call, before: ServiceRow): ServiceRow => {
  const [deployment, ...others] = tx.where(deployments, 'byService', before.id)
  if (others.length > 0) throw invalidParameter(tooMany)
  if (deployment === undefined) throw invalidParameter(noPrimary)
  const latest = latestServiceDeployment(tx, before.id)
  if (deployment.rolloutState === 'IN_PROGRESS' || (latest && !hasEnded(latest)))
    throw invalidParameter(ongoing)
  tx.put(taskSets, {
    ...newTaskSet(
      {
        serviceArn: before.id,
        clusterArn: before.clusterArn,
        taskDefinitionArn: deployment.taskDefinitionArn,
        launchType: deployment.launchType ?? 'EC2',
        networkConfiguration: deployment.networkConfiguration,
        platform: deployment.platform,
        loadBalancers: before.loadBalancers,
        scale: { value: 100, unit: 'PERCENT' },
        tags: [],
      },
      { now, randomHex },
    ),
    id: deployment.id,
    status: 'PRIMARY',
    wasDeployment: true,
    volumeConfigurations: deployment.volumeConfigurations,
    usesAlternateTargetGroups: deployment.usesAlternateTargetGroups,
    createdAt: deployment.createdAt,
    computedDesiredCount: before.desiredCount,
  })
  tx.append(pastServiceRevisions, revisionRecordOf(tx, before, deployment))
  tx.delete(deployments, deployment.id)
  return {
    ...before,
    deploymentController: { type: 'EXTERNAL' },
    deploymentConfiguration: shownConfiguration(undefined, before.deploymentConfiguration),
    availabilityZoneRebalancing: 'DISABLED',
    lastCompleted: undefined,
    blockedAt: undefined,
  }
}

const toEcs = (tx: Transaction, { now }: Call, before: ServiceRow): ServiceRow => {
  const sets = taskSetsOf(tx, before.id)
  if (sets.length > 1) throw invalidParameter(tooMany)
  const [primary] = sets
  if (primary?.status !== 'PRIMARY') throw invalidParameter(noPrimary)
  const after: ServiceRow = {
    ...before,
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: mergedConfiguration(before.deploymentConfiguration),
    lastCompleted: {
      deploymentId: primary.id,
      taskDefinitionArn: primary.taskDefinitionArn,
      networkConfiguration: primary.networkConfiguration,
      platform: primary.platform,
      volumeConfigurations: primary.volumeConfigurations,
      loadBalancers: primary.loadBalancers,
      usesAlternateTargetGroups: primary.usesAlternateTargetGroups,
      imageDigests: undefined,
    },
  }
  tx.put(deployments, deploymentOf(after, primary, now))
  tx.delete(taskSets, primary.id)
  return after
}

/** What ran as a task set is deployed already. */
const deploymentOf = (
  service: ServiceRow,
  { id, createdAt, usesAlternateTargetGroups }: TaskSetRow,
  now: number,
): DeploymentRow => ({
  ...newDeployment(service, id, now),
  usesAlternateTargetGroups,
  createdAt,
  rolloutState: 'COMPLETED',
  rolloutStateReason: completed(id),
})
