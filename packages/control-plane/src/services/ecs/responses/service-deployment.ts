import type {
  ServiceDeployment,
  ServiceDeploymentAlarms,
  ServiceDeploymentBrief,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import type { View } from '../../../store/view.ts'
import { timestamp } from '../../timestamp.ts'
import { configurationOf } from '../deployment/service-deployments/configuration.ts'
import {
  breakerStateOf,
  revisionCountsOf,
  type Standing,
  standingOf,
} from '../deployment/service-deployments/standing.ts'
import { revisionArnOf, type ServiceDeploymentRow } from '../tables/index.ts'
import { progressResponse, weightsResponse } from './deployment-progress.ts'

/** A service deployment as DescribeServiceDeployments shows it: live while it is under way, and as it ended after that. */
export const serviceDeploymentResponse = (view: View, row: ServiceDeploymentRow): ServiceDeployment => {
  const standing = standingOf(view, row)
  const { rollback } = row
  return {
    serviceDeploymentArn: row.id,
    serviceArn: row.serviceArn,
    clusterArn: row.clusterArn,
    createdAt: timestamp(row.createdAt),
    startedAt: timestamp(row.startedAt),
    finishedAt: timestamp(row.finishedAt),
    stoppedAt: timestamp(row.stoppedAt),
    updatedAt: timestamp(row.updatedAt),
    sourceServiceRevisions: row.sourceDeploymentIds.map(id => revisionSummary(row, standing, id)),
    targetServiceRevision: revisionSummary(row, standing, row.targetDeploymentId),
    status: row.status,
    statusReason: row.statusReason,
    ...progressResponse(row),
    deploymentConfiguration: configurationOf(row, standing.service),
    rollback: rollback && { ...rollback, startedAt: timestamp(rollback.startedAt) },
    deploymentCircuitBreaker: breakerStateOf(row, standing, 'MONITORING'),
    alarms: alarmsResponse(row),
  }
}

/** What ListServiceDeployments shows of it. */
export const serviceDeploymentBrief = (row: ServiceDeploymentRow): ServiceDeploymentBrief => ({
  serviceDeploymentArn: row.id,
  serviceArn: row.serviceArn,
  clusterArn: row.clusterArn,
  startedAt: timestamp(row.startedAt),
  createdAt: timestamp(row.createdAt),
  finishedAt: timestamp(row.finishedAt),
  targetServiceRevisionArn: revisionArnOf(row.serviceArn, row.targetDeploymentId),
  status: row.status,
  statusReason: row.statusReason,
})

const revisionSummary = (
  row: ServiceDeploymentRow,
  { deploymentOf, countsOf }: Standing,
  id: string,
): ServiceRevisionSummary => ({
  arn: revisionArnOf(row.serviceArn, id),
  ...(row.counts?.[id] ?? revisionCountsOf(deploymentOf(id), countsOf(id))),
  ...weightsResponse(row, id),
})

const alarmsResponse = ({ alarms }: ServiceDeploymentRow): ServiceDeploymentAlarms =>
  alarms
    ? {
        status: alarms.status,
        alarmNames: [...alarms.alarmNames],
        triggeredAlarmNames: [...alarms.triggeredAlarmNames],
      }
    : { status: 'DISABLED' }
