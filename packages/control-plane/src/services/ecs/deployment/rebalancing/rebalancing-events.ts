/** (AWS: "Amazon ECS Availability Zone service rebalancing service event messages") */
import { lastSegment } from '@berth/model'
import type { StopCause } from '../../task-stop.ts'
import type { ZoneCounts } from './zone-counts.ts'

const nameOf = (zone: string): string => zone || 'no Availability Zone'

/** The fullest zone first. */
const spreadOf = (counts: ZoneCounts): string =>
  [...counts]
    .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
    .map(([zone, count]) => `${count} tasks in ${nameOf(zone)}`)
    .join(', ')

const tasksNamed = (arns: readonly string[]): string =>
  arns.map(arn => `(task ${lastSegment(arn)})`).join(' ')

export const notBalanced = (counts: ZoneCounts): string =>
  `is not AZ balanced with ${spreadOf(counts)}. AZ Rebalancing in progress.`

export const isBalanced = (counts: ZoneCounts): string => `is AZ balanced with ${spreadOf(counts)}.`

export const startedInZone = (arns: readonly string[], zone: string): string =>
  `has started ${arns.length} tasks in ${nameOf(zone)} to AZ Rebalance: ${tasksNamed(arns)}.`

export const stoppedInZone = (arns: readonly string[], zone: string): string =>
  `has stopped ${arns.length} running tasks in ${nameOf(zone)} due to AZ rebalancing: ${tasksNamed(arns)}.`

export const unableToPlaceInZone = (zone: string): string =>
  `is unable to place a task in ${nameOf(zone)} because no container instance met all of its requirements.`

export const unableToScaleIn = (deploymentId: string, protectedTasks: number): string =>
  `was unable to AZ Rebalance because (taskSet ${deploymentId}) was unable to scale in due to (reason ${protectedTasks} tasks under protection).`

export const stoppedRebalancing = 'stopped AZ Rebalancing.'

/** (AWS: "Track Amazon ECS Availability Zone rebalancing") */
export const rebalancingActivity = (deploymentId: string): StopCause => ({
  stopCode: 'ServiceSchedulerInitiated',
  reason: `Availability-zone rebalancing initiated by (deployment ${deploymentId})`,
})
