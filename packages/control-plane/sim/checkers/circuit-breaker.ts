import type { Task } from '@aws-sdk/client-ecs'
import { type Acknowledged, clusterOf, serviceKey } from '../clients/acknowledged.ts'
import type { Checker, Observation } from './checker.ts'

/** The least of the thresholds that the breakers of the simulation have. */
const LEAST_FAILURES = 3

/**
 * Only an enabled breaker gives a deployment up; one that was given up stays so, and launches no more tasks: unless a later
 * one, which had nothing better, is rolled back to it.
 */
export const circuitBreaker = (known: Acknowledged): Checker => {
  const givenUp = new Set<string>()
  const seen = new Set<string>()
  return {
    name: 'circuit-breaker',
    learn: ({ tasks, services }) => {
      for (const { deployments = [] } of services)
        for (const { id = '', rolloutStateReason } of deployments)
          if (rolloutStateReason?.endsWith(`rolling back to deploymentId ${id}.`)) givenUp.delete(id)
      for (const [arn, { startedBy = '' }] of tasks) {
        if (!seen.has(arn) && givenUp.has(startedBy)) return `${startedBy} was given up, and launches ${arn}`
        seen.add(arn)
      }
      for (const { deployments = [], deploymentConfiguration, serviceName, clusterArn } of services)
        for (const { id = '', rolloutState, status } of deployments) {
          if (givenUp.has(id) && rolloutState !== 'FAILED')
            return `${id} was given up, and is ${rolloutState}`
          if (rolloutState !== 'FAILED' || givenUp.has(id)) continue
          givenUp.add(id)
          if (known.stoppedServices.has(serviceKey(clusterOf(clusterArn), serviceName))) continue
          const isEnabled = deploymentConfiguration?.deploymentCircuitBreaker?.enable === true
          const failures = failuresOf(tasks, id)
          if (failures < LEAST_FAILURES)
            return `${serviceName} gave ${id} up after ${failures} tasks that failed`
          if (status === 'PRIMARY' && !isEnabled) return `${serviceName} gave ${id} up without a breaker`
        }
      return undefined
    },
  }
}

/** Tasks that never ran, or were stopped for their health. */
const failuresOf = (tasks: Observation['tasks'], deployment: string): number =>
  [...tasks.values()].filter(task => task.startedBy === deployment && hasFailed(task)).length

const hasFailed = ({ stopCode, stoppedReason }: Task): boolean =>
  stopCode === 'TaskFailedToStart' || stoppedReason?.includes('failed container health checks') === true
