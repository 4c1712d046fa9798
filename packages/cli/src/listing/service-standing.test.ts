import type { TaskSet } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { standingOf } from './service-standing.ts'

const set = (computedDesiredCount: number, change: TaskSet = {}): TaskSet => ({
  computedDesiredCount,
  stabilityStatus: 'STEADY_STATE',
  ...change,
})
const external = { deploymentController: { type: 'EXTERNAL' as const }, deployments: [], desiredCount: 2 }

it('is steady with its tasks and one deployment, where ECS deploys', () => {
  const one = { desiredCount: 2, runningCount: 2, deployments: [{}] }
  expect(standingOf(one)).toEqual({ wanted: 2, deployments: 1, isSteady: true })
  expect(standingOf({ ...one, runningCount: 1 }).isSteady).toBe(false)
  expect(standingOf({ ...one, deployments: [{}, {}] })).toMatchObject({ deployments: 2, isSteady: false })
  expect(standingOf({ ...one, deployments: [] }).isSteady).toBe(false)
})

it('is steady when all of its task sets are, where another controller deploys', () => {
  const blue = { ...external, runningCount: 2, taskSets: [set(2)] }
  expect(standingOf(blue)).toEqual({ wanted: 2, deployments: 1, isSteady: true })
  const both = { ...blue, runningCount: 3, taskSets: [set(2), set(1)] }
  expect(standingOf(both)).toEqual({ wanted: 3, deployments: 2, isSteady: true })
  const starting = { ...both, taskSets: [set(2), set(1, { stabilityStatus: 'STABILIZING' })] }
  expect(standingOf(starting).isSteady).toBe(false)
  expect(standingOf({ ...both, runningCount: 2 }).isSteady).toBe(false)
})

it('counts the deployment that a task set was once', () => {
  const former = { ...external, runningCount: 2, deployments: [{ desiredCount: 2 }], taskSets: [] }
  expect(standingOf(former)).toEqual({ wanted: 2, deployments: 1, isSteady: true })
  const beside = { ...former, runningCount: 3, taskSets: [set(1)] }
  expect(standingOf(beside)).toEqual({ wanted: 3, deployments: 2, isSteady: true })
})

it('misses nothing when it has no task sets and wants no tasks', () => {
  expect(standingOf({ ...external, desiredCount: 0, runningCount: 0, taskSets: [] }).isSteady).toBe(true)
  expect(standingOf({ ...external, runningCount: 0, taskSets: [] }).isSteady).toBe(false)
})
