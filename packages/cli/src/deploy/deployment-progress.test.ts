import type { Deployment } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { deploymentProgress } from './deployment-progress.ts'

const own: Deployment = {
  id: 'ecs-svc/2',
  status: 'PRIMARY',
  rolloutState: 'IN_PROGRESS',
  desiredCount: 3,
  runningCount: 1,
  pendingCount: 2,
  failedTasks: 0,
}
const old: Deployment = { id: 'ecs-svc/1', status: 'ACTIVE', runningCount: 3, pendingCount: 0 }
const progress = (...deployments: Deployment[]) => deploymentProgress({ deployments }, 'ecs-svc/2')

it('says how many tasks of a deployment run, start, failed, and are left of others', () => {
  expect(progress(own, old)).toEqual({
    outcome: 'under way',
    words: '1 of 3 run, 2 start, 3 of earlier deployments are left',
  })
  expect(progress({ ...own, pendingCount: 0, failedTasks: 1 }).words).toBe('1 of 3 run, 1 failed')
})

it('is over with the rollout', () => {
  expect(progress({ ...own, rolloutState: 'COMPLETED', runningCount: 3 })).toEqual({
    outcome: 'completed',
    words: 'The deployment completed: 3 tasks run.',
  })
})

it('fails with the reason, and with what comes after', () => {
  const failed: Deployment = { ...own, rolloutState: 'FAILED', rolloutStateReason: 'Tasks failed to start.' }
  expect(progress(failed, old)).toEqual({ outcome: 'failed', words: 'Tasks failed to start.' })
  const back: Deployment = { id: 'ecs-svc/3', status: 'PRIMARY', rolloutStateReason: 'Rolling back.' }
  expect(progress({ ...failed, status: 'ACTIVE' }, back).words).toBe('Tasks failed to start. Rolling back.')
})

it('has failed when another deployment took its place', () => {
  const next: Deployment = { id: 'ecs-svc/3', status: 'PRIMARY', rolloutStateReason: 'In progress.' }
  const replaced = {
    outcome: 'failed',
    words: 'The deployment was replaced by ecs-svc/3 before it completed. (In progress.)',
  }
  expect(progress(next)).toEqual(replaced)
  expect(progress({ ...own, status: 'ACTIVE' }, next)).toEqual(replaced)
  expect(progress().words).toBe('The deployment was replaced before it completed.')
})
