import type { TaskSet } from '@aws-sdk/client-ecs'
import { lastSegment, scopeOfArn, taskSetArn } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { timestamp } from '../../timestamp.ts'
import { computedDesiredCountOf } from '../deployment/task-sets/computed-desired-count.ts'
import { usedPlatform } from '../fargate/platform.ts'
import { type ServiceRow, type TaskSetRow, tasks } from '../tables/index.ts'

export const arnOfTaskSet = ({ id, serviceArn, clusterArn }: TaskSetRow): string =>
  taskSetArn(scopeOfArn(serviceArn), lastSegment(clusterArn), lastSegment(serviceArn), id)

/** A task set as the API shows it. */
export const taskSetResponse = (
  view: View,
  service: ServiceRow,
  row: TaskSetRow,
  include: { tags: boolean },
): TaskSet => {
  const { running = 0, pending = 0 } = view.total(tasks, 'countsByDeployment', row.id) ?? {}
  const computedDesiredCount = computedDesiredCountOf(service, row)
  // What the row says may be older than the counts are.
  const hasCount = running === computedDesiredCount && pending === 0
  return {
    id: row.id,
    taskSetArn: arnOfTaskSet(row),
    serviceArn: row.serviceArn,
    clusterArn: row.clusterArn,
    startedBy: row.startedBy,
    externalId: row.externalId,
    status: row.status,
    taskDefinition: row.taskDefinitionArn,
    computedDesiredCount,
    pendingCount: pending,
    runningCount: running,
    createdAt: timestamp(row.createdAt),
    updatedAt: timestamp(row.updatedAt),
    launchType: row.launchType,
    networkConfiguration: row.networkConfiguration,
    ...usedPlatform(row.platform),
    loadBalancers: [...(row.loadBalancers ?? [])],
    serviceRegistries: [],
    scale: { ...row.scale },
    stabilityStatus: hasCount ? row.stabilityStatus : 'STABILIZING',
    stabilityStatusAt: timestamp(row.stabilityStatusAt),
    ...(include.tags ? { tags: [...row.tags] } : {}),
  }
}
