import type { Deployment, Service, ServiceCurrentRevisionSummary, ServiceEvent } from '@aws-sdk/client-ecs'
import type { HistoryReader, View } from '../../../store/view.ts'
import { timestamp } from '../../timestamp.ts'
import { latestServiceDeployment } from '../deployment/service-deployments/new-service-deployment.ts'
import { countsOfDeployment, revisionCountsOf } from '../deployment/service-deployments/standing.ts'
import { deploymentsOf } from '../deployment/service-draft.ts'
import { type DeploymentRow, revisionArnOf, type ServiceRow, serviceEvents, tasks } from '../tables/index.ts'

/** A service as the API shows it, without its events, which are read apart. */
export const serviceResponse = (view: View, row: ServiceRow, include: { tags: boolean }): Service => {
  const counts = view.total(tasks, 'countsByService', row.id)
  return {
    serviceArn: row.id,
    serviceName: row.name,
    clusterArn: row.clusterArn,
    loadBalancers: [],
    serviceRegistries: [],
    status: row.status,
    desiredCount: row.desiredCount,
    runningCount: counts?.running ?? 0,
    pendingCount: counts?.pending ?? 0,
    launchType: row.launchType,
    taskDefinition: row.taskDefinitionArn,
    deploymentConfiguration: row.deploymentConfiguration,
    deployments: deploymentResponses(view, row),
    roleArn: row.roleArn,
    events: [],
    createdAt: timestamp(row.createdAt),
    currentServiceDeployment: latestServiceDeployment(view, row.id)?.id,
    currentServiceRevisions: currentRevisions(view, row),
    placementConstraints: [...row.placementConstraints],
    placementStrategy: [...row.placementStrategy],
    networkConfiguration: row.networkConfiguration,
    healthCheckGracePeriodSeconds: row.healthCheckGracePeriodSeconds,
    schedulingStrategy: row.schedulingStrategy,
    deploymentController: row.deploymentController,
    ...(include.tags ? { tags: [...row.tags] } : {}),
    createdBy: row.createdBy,
    enableECSManagedTags: row.enableECSManagedTags,
    propagateTags: row.propagateTags,
    enableExecuteCommand: row.enableExecuteCommand,
    availabilityZoneRebalancing: row.availabilityZoneRebalancing,
    resourceManagementType: 'CUSTOMER',
  }
}

/** The primary deployment first, then the others, newest first. */
const deploymentResponses = (view: View, service: ServiceRow): Deployment[] =>
  deploymentsOf(view, service)
    .toReversed()
    .map(row => deploymentResponse(view, row))

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
