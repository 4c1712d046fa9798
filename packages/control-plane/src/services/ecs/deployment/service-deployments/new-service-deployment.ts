/** What CreateService and UpdateService begin. (AWS: "View service history using Amazon ECS service deployments") */
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { parseArn, serviceDeploymentArn } from '@berth/model'
import type { Surroundings } from '../../../../control-loop/plan.ts'
import type { Millis } from '../../../../store/table.ts'
import type { Transaction, View } from '../../../../store/view.ts'
import {
  deployments,
  endedServiceDeployments,
  hasEnded,
  type ServiceDeploymentRow,
  type ServiceRow,
  serviceDeployments,
} from '../../tables/index.ts'
import { preDeploymentOf } from '../hooks/pre-deployment-task.ts'
import { endedAs } from './ended-service-deployment.ts'
import { alarmsOf } from './monitored-alarms.ts'
import { standingOf } from './standing.ts'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const idLength = 21

export const newServiceDeploymentArn = (serviceArn: string, randomHex: Surroundings['randomHex']): string => {
  const { region = '', accountId = '', resource = '' } = parseArn(serviceArn) ?? {}
  const [, cluster = '', service = ''] = resource.split('/')
  const bytes = Buffer.from(randomHex(idLength), 'hex')
  const id = Array.from(bytes, byte => letters[byte % letters.length]).join('')
  return serviceDeploymentArn({ region, accountId }, cluster, service, id)
}

export interface Begun {
  readonly service: ServiceRow
  readonly sourceDeploymentIds: readonly string[]
  readonly now: Millis
  readonly randomHex: Surroundings['randomHex']
}

/** It brings the service to its primary deployment. */
export const newServiceDeployment = ({
  service,
  sourceDeploymentIds,
  now,
  randomHex,
}: Begun): ServiceDeploymentRow => ({
  id: newServiceDeploymentArn(service.id, randomHex),
  serviceArn: service.id,
  clusterArn: service.clusterArn,
  serviceCreatedAt: service.createdAt,
  status: 'PENDING',
  sourceDeploymentIds,
  targetDeploymentId: service.primaryDeploymentId,
  deploymentConfiguration: service.deploymentConfiguration,
  createdAt: now,
  updatedAt: now,
})

/** The latest one of a service, which may have ended. */
export const latestServiceDeployment = (view: View, serviceArn: string): ServiceDeploymentRow | undefined => {
  for (const row of view.where(serviceDeployments, 'byService', serviceArn)) return row
  return undefined
}

export const overtaken = 'Service deployment stopped because a new service deployment was started.'

/** Who has the traffic of its service may not be known after it. */
const leavesUndirected = ({
  status,
  progress,
  deploymentConfiguration: { strategy = 'ROLLING' },
  ...row
}: ServiceDeploymentRow): boolean => {
  const wasUndirected = row.isUndirected === true
  if (strategy === 'ROLLING') return wasUndirected
  const hasSettled = status === 'SUCCESSFUL' || status === 'ROLLBACK_SUCCESSFUL'
  return !hasSettled && (wasUndirected || (progress?.shifts ?? 0) > 0)
}

/**
 * A rolling update moves no traffic, and counts the tasks of every revision as serving: it cannot follow a deployment that
 * has left tasks in both target groups, or the traffic with a revision that did not complete.
 */
const needsDirection = (
  view: View,
  { service, sourceDeploymentIds }: Begun,
  isUndirected: boolean,
): boolean => {
  const { strategy = 'ROLLING' } = service.deploymentConfiguration
  if (strategy !== 'ROLLING' || !service.loadBalancers?.some(directsRule)) return false
  const usesAlternate = service.lastCompleted?.usesAlternateTargetGroups === true
  return (
    isUndirected ||
    sourceDeploymentIds.some(
      id => (view.get(deployments, id)?.usesAlternateTargetGroups === true) !== usesAlternate,
    )
  )
}

const directsRule = ({ advancedConfiguration }: LoadBalancer): boolean =>
  advancedConfiguration?.productionListenerRule !== undefined

/** In place of ROLLING: it moves the traffic to its revision before what is left of the others goes. */
const directing = ({ deploymentConfiguration }: ServiceRow): ServiceRow['deploymentConfiguration'] => {
  const { earlySuccessCriteria: _, ...rest } = deploymentConfiguration
  return { ...rest, strategy: 'BLUE_GREEN' }
}

/** The one before becomes history; where it is under way still, it ends as STOPPED. */
export const beginServiceDeployment = (tx: Transaction, begun: Begun): void => {
  const { service, now } = begun
  let isUndirected = false
  for (const before of [...tx.where(serviceDeployments, 'byService', service.id)]) {
    const end = hasEnded(before)
      ? before
      : endedAs(before, standingOf(tx, before), { status: 'STOPPED', reason: overtaken, now })
    isUndirected ||= end.serviceCreatedAt === service.createdAt && leavesUndirected(end)
    tx.append(endedServiceDeployments, end)
    tx.delete(serviceDeployments, before.id)
  }
  const alarms = alarmsOf(tx, service)
  const preDeployment = preDeploymentOf(tx, service)
  tx.put(serviceDeployments, {
    ...newServiceDeployment(begun),
    ...(needsDirection(tx, begun, isUndirected) && { deploymentConfiguration: directing(service) }),
    ...(isUndirected && { isUndirected }),
    ...(alarms && { alarms }),
    ...(preDeployment && { preDeployment }),
  })
}
