import type {
  Deployment,
  Service,
  ServiceCurrentRevisionSummary,
  ServiceEvent,
  TaskSet,
} from '@aws-sdk/client-ecs'
import type { HistoryReader, View } from '../../../store/view.ts'
import { timestamp } from '../../timestamp.ts'
import { newDeployment } from '../deployment/new-deployment.ts'
import { completed } from '../deployment/rollout.ts'
import { latestServiceDeployment } from '../deployment/service-deployments/new-service-deployment.ts'
import { countsOfDeployment, revisionCountsOf } from '../deployment/service-deployments/standing.ts'
import { deploymentsOf } from '../deployment/service-draft.ts'
import { computedDesiredCountOf } from '../deployment/task-sets/computed-desired-count.ts'
import { taskSetsOf } from '../deployment/task-sets/task-set-draft.ts'
import { usesTaskSets } from '../deployment/task-sets/uses-task-sets.ts'
import { askedPlatform, usedPlatform } from '../fargate/platform.ts'
import { type DeploymentRow, revisionArnOf, type ServiceRow, serviceEvents, tasks } from '../tables/index.ts'
import { taskSetResponse } from './task-set.ts'

/** A service as the API shows it, without its events, which are read apart. */
export const serviceResponse = (view: View, row: ServiceRow, include: { tags: boolean }): Service => {
  const counts = view.total(tasks, 'countsByService', row.id)
  return {
    serviceArn: row.id,
    serviceName: row.name,
    clusterArn: row.clusterArn,
    loadBalancers: [...(row.loadBalancers ?? [])],
    serviceRegistries: [],
    status: row.status,
    desiredCount: row.desiredCount,
    runningCount: counts?.running ?? 0,
    pendingCount: counts?.pending ?? 0,
    launchType: row.launchType,
    taskDefinition: row.taskDefinitionArn || undefined,
    deploymentConfiguration: row.deploymentConfiguration,
    ...(usesTaskSets(row) ? { taskSets: taskSetResponses(view, row) } : {}),
    deployments: deploymentResponses(view, row),
    roleArn: row.roleArn,
    events: [],
    createdAt: timestamp(row.createdAt),
    currentServiceDeployment: currentDeployment(view, row),
    currentServiceRevisions: currentRevisions(view, row),
    placementConstraints: [...row.placementConstraints],
    placementStrategy: [...row.placementStrategy],
    networkConfiguration: row.networkConfiguration,
    ...askedPlatform(row.platform),
    healthCheckGracePeriodSeconds: row.healthCheckGracePeriodSeconds,
    schedulingStrategy: row.schedulingStrategy,
    // Told always, as ECS has done since 2022: ecspresso reads its type without asking.
    deploymentController: row.deploymentController ?? { type: 'ECS' },
    ...(include.tags ? { tags: [...row.tags] } : {}),
    createdBy: row.createdBy,
    enableECSManagedTags: row.enableECSManagedTags,
    propagateTags: row.propagateTags,
    enableExecuteCommand: row.enableExecuteCommand,
    availabilityZoneRebalancing: row.availabilityZoneRebalancing,
    resourceManagementType: 'CUSTOMER',
  }
}

/** Not that of an earlier service of this name, which stays for a while. */
const currentDeployment = (view: View, { id, createdAt }: ServiceRow): string | undefined => {
  const latest = latestServiceDeployment(view, id)
  return latest?.serviceCreatedAt === createdAt ? latest.id : undefined
}

/** The primary task set first, then the others, newest first. Their tags are only told by DescribeTaskSets. */
const taskSetResponses = (view: View, service: ServiceRow): TaskSet[] =>
  taskSetsOf(view, service.id)
    .filter(({ wasDeployment }) => !wasDeployment)
    .toReversed()
    .sort((a, b) => Number(b.status === 'PRIMARY') - Number(a.status === 'PRIMARY'))
    .map(row => ({ ...taskSetResponse(view, service, row, { tags: false }), tags: [] }))

/** The primary deployment first, then the others, newest first. */
const deploymentResponses = (view: View, service: ServiceRow): Deployment[] =>
  usesTaskSets(service)
    ? formerDeployments(view, service)
    : deploymentsOf(view, service)
        .toReversed()
        .map(row => deploymentResponse(view, row))

/**
 * Of a service that ECS deployed once: "responses will still return deployments instead of taskSets".
 * (AWS: "Update Amazon ECS service parameters", "Deployment controller")
 */
const formerDeployments = (view: View, service: ServiceRow): Deployment[] =>
  taskSetsOf(view, service.id)
    .filter(({ wasDeployment }) => wasDeployment)
    .map(row => {
      const desiredCount = computedDesiredCountOf(service, row)
      const { id, taskDefinitionArn, launchType, networkConfiguration, platform, volumeConfigurations } = row
      const network = { networkConfiguration, platform }
      const specified = { taskDefinitionArn, launchType, ...network, volumeConfigurations }
      return deploymentResponse(view, {
        ...newDeployment({ id: service.id, desiredCount, ...specified }, id, row.createdAt),
        status: row.status === 'PRIMARY' ? 'PRIMARY' : 'ACTIVE',
        failedTasks: row.failedTasks,
        rolloutState: 'COMPLETED',
        rolloutStateReason: completed(id),
        updatedAt: row.updatedAt,
      })
    })

/** In the same order. */
const currentRevisions = (view: View, service: ServiceRow): ServiceCurrentRevisionSummary[] =>
  deploymentsOf(view, service)
    .toReversed()
    .map(row => ({
      arn: revisionArnOf(service.id, row.id),
      ...revisionCountsOf(row, countsOfDeployment(view, row.id)),
    }))

const deploymentResponse = (view: View, row: DeploymentRow): Deployment => {
  const { running = 0, pending = 0 } = view.total(tasks, 'countsByDeployment', row.id) ?? {}
  return {
    id: row.id,
    status: row.status,
    taskDefinition: row.taskDefinitionArn,
    // An old deployment is wanted as far as its tasks have not been told to stop.
    desiredCount: row.status === 'PRIMARY' ? row.desiredCount : running + pending,
    pendingCount: pending,
    runningCount: running,
    failedTasks: row.failedTasks,
    createdAt: timestamp(row.createdAt),
    updatedAt: timestamp(row.updatedAt),
    launchType: row.launchType,
    networkConfiguration: row.networkConfiguration,
    ...usedPlatform(row.platform),
    volumeConfigurations: row.volumeConfigurations?.length ? [...row.volumeConfigurations] : undefined,
    rolloutState: row.rolloutState,
    rolloutStateReason: row.rolloutStateReason,
  }
}

/** The API shows so many of a service's newest events. (AWS: Service, `events`) */
const shownEvents = 100

/** Newest first. Those of an earlier service of the same name are left out: `createdAt` is the service's. */
export const readEvents = async (
  history: HistoryReader,
  serviceArn: string,
  createdAt: number,
): Promise<ServiceEvent[]> => {
  const { records } = await history.read(serviceEvents, serviceArn, { limit: shownEvents })
  return records
    .filter(event => event.serviceCreatedAt === createdAt)
    .map(event => ({ id: event.id, createdAt: timestamp(event.createdAt), message: event.message }))
}
