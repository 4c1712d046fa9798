import {
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTagsForResourceCommand,
  ListTasksCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { Tasks, untilStopped } from './tasks.ts'

const nextImage = 'berth-test/service-commands:2'

describe('the command line for services', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    await docker('tag', busybox, nextImage)
    berth = await Berth.start({ server: { BERTH_TASK_SETTLE_MS: '100' } })
    tasks = new Tasks(berth)
    const definition = await tasks.define([{ script: untilStopped }], {
      family: 'web',
      tags: [{ key: 'team', value: 'a' }],
    })
    await tasks.createService('web', definition, 2)
    await steady()
  })
  afterAll(async () => {
    await berth?.stop()
    await docker('rmi', nextImage)
  })

  /** One deployment, which has completed. */
  const steady = (): Promise<boolean> =>
    eventually('the service is steady', async () => {
      const { deployments = [] } = await tasks.service('web')
      return deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED'
    })
  const running = async (): Promise<number> => {
    const ids = await docker('ps', '-q', '--filter', `label=berth.incarnation=${await berth.incarnation()}`)
    return ids.split('\n').filter(id => id !== '').length
  }
  const currentDefinition = async () => {
    const service = await tasks.service('web')
    const { taskDefinition } = await berth.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition }),
    )
    return taskDefinition
  }

  it('pauses a service, whose containers end, and resumes it', async () => {
    expect((await berth.command('pause', 'web')).stdout).toContain('Paused web: its tasks stop.')
    await eventually('no container runs', async () => (await running()) === 0)
    expect(await tasks.service('web')).toMatchObject({ desiredCount: 2, runningCount: 0 })
    expect((await berth.command('status')).stdout).toMatch(/^web +default +web:1 +0\/2 +1 +PAUSED$/m)
    expect(await berth.command('deploy', 'web', '--force', '--wait')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('web is paused: the deployment waits until it is resumed.'),
    })
    expect((await berth.command('resume', 'web')).stdout).toBe('Resumed web: it starts 2 tasks.\n')
    await steady()
    expect(await running()).toBe(2)
  })

  it('says which services were paused when one of several is refused', async () => {
    const answer = await berth.command('pause', 'web', 'nothing', 'other')
    expect(answer.code).toBe(1)
    expect(answer.stdout).toContain('Paused web: ')
    expect(answer.stderr).toContain('web was paused; other was not tried.')
    expect(answer.stderr).toContain('ServiceNotFoundException: Service not found.')
    await berth.command('resume', 'web')
    await steady()
  })

  it('says in which life-cycle stage a deployment is, and what it waits for there', async () => {
    const hook = {
      targetType: 'PAUSE' as const,
      lifecycleStages: ['PRE_SCALE_UP' as const],
      timeoutConfiguration: { timeoutInMinutes: 1, action: 'CONTINUE' as const },
    }
    const changeHooks = (lifecycleHooks: (typeof hook)[]) =>
      berth.ecs.send(
        new UpdateServiceCommand({ service: 'web', deploymentConfiguration: { lifecycleHooks } }),
      )
    await changeHooks([hook])
    const answer = await berth.command('deploy', 'web', '--force', '--wait', '--timeout', '2')
    expect(answer.stdout).toMatch(
      /^PRE_SCALE_UP, paused until somebody continues ecs-pause-[\w-]+: 0 of 2 run/m,
    )
    expect(answer.stderr).toContain('has not completed within 2 seconds')
    await changeHooks([])
    await berth.ecs.send(new UpdateServiceCommand({ service: 'web', forceNewDeployment: true }))
    await steady()
  })

  it('deploys no service that another controller deploys, and registers nothing for it', async () => {
    await berth.ecs.send(
      new CreateServiceCommand({ serviceName: 'sets', deploymentController: { type: 'EXTERNAL' } }),
    )
    expect(await berth.command('deploy', 'sets', '--image', 'x:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sets has the deployment controller EXTERNAL'),
    })
  })

  it('deploys an image and a variable, and says when their tasks run', async () => {
    const answer = await berth.command(
      'deploy',
      'web',
      '--image',
      nextImage,
      '--env',
      'COLOUR=blue',
      '--wait',
    )
    expect(answer).toMatchObject({ code: 0, stderr: '' })
    expect(answer.stdout).toMatch(/^web is to run web:2 \(deployment ecs-svc\/\d+\)\.$/m)
    expect(answer.stdout).toMatch(/\(service web\) has started 1 tasks: /)
    expect(answer.stdout.trim().split('\n').at(-1)).toBe('The deployment completed: 2 tasks run.')
    const definition = await currentDefinition()
    expect(definition?.containerDefinitions).toMatchObject([
      { image: nextImage, environment: [{ name: 'COLOUR', value: 'blue' }] },
    ])
    const resourceArn = definition?.taskDefinitionArn
    expect(await berth.ecs.send(new ListTagsForResourceCommand({ resourceArn }))).toMatchObject({
      tags: [{ key: 'team', value: 'a' }],
    })
  })

  it('changes nothing when the service has what is asked for', async () => {
    const answer = await berth.command('deploy', 'web', '--image', `main=${nextImage}`, '--wait')
    expect(answer).toMatchObject({ code: 0 })
    expect(answer.stdout).toBe(
      'web has web:2 already, which is what was asked for.\nThe deployment completed: 2 tasks run.\n',
    )
  })

  it('fails when the deployment is rolled back, and uses the same revision when asked again', async () => {
    await berth.ecs.send(
      new UpdateServiceCommand({
        service: 'web',
        deploymentConfiguration: {
          deploymentCircuitBreaker: {
            enable: true,
            rollback: true,
            thresholdConfiguration: { type: 'COUNT', value: 1 },
          },
        },
      }),
    )
    for (let round = 0; round < 2; round++) {
      const answer = await berth.command('deploy', 'web', '--image', '127.0.0.1:1/nothing:1', '--wait')
      expect(answer.stdout).toMatch(/^web is to run web:3 /)
      expect(answer.stdout).toMatch(/tasks failed to start\./)
      expect(answer.code).toBe(1)
      await steady()
    }
    expect((await currentDefinition())?.revision).toBe(2)
  })

  /** Those that ran before deployments, newest first. */
  const migrations = async (): Promise<{ exitCode: number | undefined; command: string[] | undefined }[]> => {
    const { taskArns = [] } = await berth.ecs.send(
      new ListTasksCommand({ startedBy: 'pre-deployment/web', desiredStatus: 'STOPPED' }),
    )
    if (taskArns.length === 0) return []
    const { tasks: found = [] } = await berth.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))
    return found
      .sort((a, b) => Number(b.createdAt) - Number(a.createdAt))
      .map(task => ({
        exitCode: task.containers?.[0]?.exitCode,
        command: task.overrides?.containerOverrides?.[0]?.command,
      }))
  }

  it('runs a migration before a deployment, once, also when the server dies meanwhile', async () => {
    const set = await berth.command('migrate', 'web', '--', 'sh', '-c', 'sleep 2')
    expect(set.stdout).toBe(
      'Before web is deployed, the revision to be deployed runs with `sh -c sleep 2`, and must end with exit code 0 within 60 minutes.\n',
    )
    expect((await berth.command('deploy', 'web', '--env', 'COLOUR=green')).code).toBe(0)
    const { id } = (await tasks.service('web')).deployments?.[0] ?? {}
    await eventually('the migration runs', async () => (await running()) === 3)
    await berth.killServer()
    await berth.startServer()
    await eventually('the deployment completes', async () => {
      const [primary, ...others] = (await tasks.service('web')).deployments ?? []
      return others.length === 0 && primary?.id === id && primary?.rolloutState === 'COMPLETED'
    })
    expect(await migrations()).toEqual([{ exitCode: 0, command: ['sh', '-c', 'sleep 2'] }])
  })

  it('fails a deployment whose migration fails, says so, and leaves the tasks that run alone', async () => {
    const before = (await tasks.serviceTasks('web')).map(({ taskArn }) => taskArn).sort()
    await berth.command('migrate', 'web', '--timeout', '5', '--', 'sh', '-c', 'exit 3')
    const answer = await berth.command('deploy', 'web', '--env', 'COLOUR=red', '--wait')
    expect(answer.stdout).toMatch(/task\/default\/\w{32}: container main ended with exit code 3\./)
    expect(answer.code).toBe(1)
    expect((await migrations()).map(({ exitCode }) => exitCode)).toEqual([3, 0])
    await steady()
    expect((await tasks.serviceTasks('web')).map(({ taskArn }) => taskArn).sort()).toEqual(before)
    const removed = await berth.command('migrate', 'web', '--remove')
    expect(removed.stdout).toBe('web runs nothing before it is deployed.\n')
    expect((await berth.command('migrate', 'web')).stdout).toBe(removed.stdout)
  })

  it('finds tasks by their exit code, and events by their text', async () => {
    const task = await tasks.run(await tasks.define([{ script: 'exit 7' }], { family: 'job' }))
    await tasks.reached(task, 'STOPPED')
    const found = await berth.command('history', 'tasks', '--exit-code', '7', '--since', '1h')
    expect(found.stdout).toMatch(
      /^STOPPED +TASK +SERVICE +DEFINITION +EXIT +REASON\n\S+Z +\w{32} +job \(task\) +job:1 +7 +\S.*\n$/,
    )
    const paused = await berth.command('history', 'tasks', '--grep', 'was paused', '--json')
    // Two tasks were paused twice.
    expect(JSON.parse(paused.stdout)).toHaveLength(4)
    const events = await berth.command('history', 'events', '--service', 'web', '--grep', 'WAS RESUMED')
    expect(events.stdout).toMatch(/^(\S+Z {2}\(service web\) was resumed\.\n){2}$/)
  })

  it.each([
    [['history', 'nothing'], 2, 'Say tasks or events.'],
    [
      ['history', 'tasks', '--since', 'then'],
      2,
      'A time must be like 2h, 7d or 2026-11-01T08:00:00Z, not then.',
    ],
    [['deploy', 'web'], 2, 'Give an image, a variable or --force.'],
    [
      ['deploy', 'web', '--image', 'other=x:1'],
      2,
      'There is no container other; the task definition has main.',
    ],
    [['deploy', 'nothing', '--image', 'x:1'], 1, 'There is no service nothing in the cluster default.'],
    [['pause', 'nothing'], 1, 'ServiceNotFoundException: Service not found.'],
    [['resume', 'web', '--cluster', 'nowhere'], 1, 'ClusterNotFoundException: Cluster not found.'],
  ])('answers %j with exit code %i and a sentence', async (args, code, message) => {
    const answer = await berth.command(...args)
    expect(answer.stderr).toContain(message)
    expect(answer.code).toBe(code)
  })
})
