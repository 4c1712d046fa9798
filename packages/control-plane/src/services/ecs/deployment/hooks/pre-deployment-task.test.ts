import { describe, expect, it } from 'vitest'
import { given } from '../../fixtures/rows.ts'
import type { World } from '../../fixtures/service-world.ts'
import { answerHook, counts, openEffects, row, stage, worldWith } from '../../fixtures/strategy-world.ts'
import { type PreDeploymentTask, services, tasks } from '../../tables/index.ts'
import type { HookCall } from './hook-targets.ts'
import { mainContainerOf } from './pre-deployment-task.ts'

const migrates = async (
  change: Partial<PreDeploymentTask> = {},
  strategy: 'ROLLING' | 'BLUE_GREEN' = 'ROLLING',
) => {
  const made = await worldWith({ strategy, bakeTimeInMinutes: 0 })
  made.change({ preDeploymentTask: { timeoutInMinutes: 60, ...change } })
  return made
}
const web1 = 'arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1'
const callOf = (made: World): HookCall => {
  const [effect, ...others] = openEffects(made)
  expect(others).toEqual([])
  return (effect?.request ?? expect.fail('Nothing is called')) as HookCall
}
const succeeds = (made: World): void => answerHook(made, { hookStatus: 'SUCCEEDED' })

describe('a pre-deployment task', () => {
  it.each(['ROLLING', 'BLUE_GREEN'] as const)('comes before the tasks of a %s deployment', async strategy => {
    const made = await migrates({ command: ['migrate', 'up'] }, strategy)
    made.deploy(2)
    expect(callOf(made)).toMatchObject({
      targetArn: web1,
      preDeployment: {
        task: {
          taskDefinition: web1,
          launchType: 'EC2',
          overrides: { containerOverrides: [{ name: 'web', command: ['migrate', 'up'] }] },
        },
        startedBy: 'pre-deployment/web',
      },
    })
    made.settle(3)
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
    expect(stage(made)).toBe('PRE_SCALE_UP')
    succeeds(made)
    made.settle()
    expect(counts(made)).toEqual({ 'ecs-svc/2': 2 })
    expect(row(made).status).toBe('SUCCESSFUL')
  })

  it('goes where the service may go, and beside its tasks', async () => {
    const made = await migrates()
    const memberOf = { type: 'memberOf' as const, expression: 'attribute:ecs.os-type == linux' }
    made.change({ placementConstraints: [memberOf, { type: 'distinctInstance' }] })
    made.deploy(2)
    expect(callOf(made).preDeployment?.task.placementConstraints).toEqual([memberOf])
  })

  it('that fails leaves the old tasks alone, and the service says which task it was, and its exit code', async () => {
    const made = await migrates()
    const before = made.tasks().map(({ id }) => id)
    made.deploy(2)
    answerHook(made, { hookStatus: 'FAILED', reason: 'arn:task/1: container web ended with exit code 3.' })
    made.settle()
    expect(row(made).status).toBe('ROLLBACK_SUCCESSFUL')
    expect(made.tasks().map(({ id }) => id)).toEqual(before)
    expect(await made.events()).toContainEqual(
      expect.stringMatching(
        /^\(deployment ecs-svc\/2\) deployment failed: .*arn:task\/1: container web ended with exit code 3\.$/,
      ),
    )
  })

  it('that has not ended in time fails the deployment', async () => {
    const made = await migrates({ timeoutInMinutes: 2 })
    made.deploy(2)
    made.pass(2 * 60_000)
    made.settle(3)
    expect(row(made).status).toBe('ROLLBACK_SUCCESSFUL')
  })

  it('is not run for a desired count, nor for a roll-back', async () => {
    const made = await migrates()
    made.change({ desiredCount: 3 })
    made.settle(3)
    expect(openEffects(made)).toEqual([])
    made.deploy(2)
    answerHook(made, { hookStatus: 'FAILED' })
    made.settle(3)
    expect(openEffects(made)).toEqual([])
    expect(counts(made)).toEqual({ 'ecs-svc/1': 3 })
  })

  it('stays as it was when the deployment began', async () => {
    const made = await migrates({ command: ['old'] })
    made.deploy(2)
    made.change({ preDeploymentTask: undefined })
    expect(stage(made)).toBe('PRE_SCALE_UP')
    succeeds(made)
    made.settle()
    made.deploy(3)
    made.settle()
    expect(counts(made)).toEqual({ 'ecs-svc/3': 2 })
  })

  it('waits for the end of the one of a deployment that was overtaken', async () => {
    const made = await migrates()
    const running = {
      ...given.task(77, { lastStatus: 'RUNNING', desiredStatus: 'RUNNING' }),
      serviceArn: undefined,
      deploymentId: undefined,
      startedBy: 'pre-deployment/web',
    }
    made.store.update(tx => tx.put(tasks, running))
    made.deploy(2)
    made.pass(5_000)
    expect(openEffects(made)).toEqual([])
    made.store.update(tx => tx.put(tasks, { ...running, desiredStatus: 'STOPPED' }))
    made.pass(1_000)
    expect(openEffects(made)).toEqual([])
    made.store.update(tx => tx.put(tasks, { ...running, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }))
    made.pass(1_000)
    expect(callOf(made).preDeployment?.startedBy).toBe('pre-deployment/web')
  })

  it('that cannot be run keeps a deployment from beginning', async () => {
    const made = await migrates({ taskDefinition: 'nothing' })
    expect(() => made.deploy(2)).toThrow('TaskDefinition not found.')
    expect(made.store.get(services, made.service()?.id ?? '')?.primaryDeploymentId).toBe('ecs-svc/1')
  })
})

describe('the container that gets the command', () => {
  const app = { name: 'app', image: 'app:1' }
  const proxy = { name: 'proxy', image: 'proxy:1', essential: false }
  it('is the one that is named, the only one, or the only essential one', () => {
    expect(mainContainerOf([proxy])).toBe('proxy')
    expect(mainContainerOf([proxy, app])).toBe('app')
    expect(mainContainerOf([proxy, app], 'proxy')).toBe('proxy')
  })
  it('has to be named where there are several, and has to be there', () => {
    expect(() => mainContainerOf([app, { ...proxy, essential: true }])).toThrow(
      'Name the container that gets the command: one of app, proxy.',
    )
    expect(() => mainContainerOf([app], 'db')).toThrow(
      'The pre-deployment task has no container db: its task definition has app.',
    )
  })
})
