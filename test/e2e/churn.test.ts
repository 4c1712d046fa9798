import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

describe('a host on which everything happens at once', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  /** Docker tells of a container's end before its list shows it. */
  const hostRuns = (wanted: readonly string[]): Promise<unknown> =>
    eventually(
      `exactly these containers run: ${wanted.join(', ')}`,
      async () => {
        const ours = `label=berth.incarnation=${await berth.incarnation()}`
        const ids = await docker('ps', '-q', '--no-trunc', '--filter', ours)
        return ids.split('\n').toSorted().join() === wanted.toSorted().join()
      },
      5_000,
    )

  it('runs exactly what is wanted after agent and server were killed again and again during rolling updates', async () => {
    const count = 5
    await tasks.createService('churn', await tasks.define([{ script: untilStopped }]), count)
    await tasks.serviceRuns('churn', count)
    const kills = [
      async () => {
        await berth.killAgent()
        await berth.startAgent()
      },
      async () => {
        await berth.killServer()
        await berth.startServer()
      },
      async () => {
        await berth.killServer()
        await berth.killAgent()
        await berth.startServer()
        await berth.startAgent()
      },
    ]
    for (const kill of kills) {
      await berth.ecs.send(new UpdateServiceCommand({ service: 'churn', forceNewDeployment: true }))
      await eventually('tasks are on their way', async () =>
        (await tasks.serviceTasks('churn')).some(task => task.lastStatus !== 'RUNNING'),
      )
      await kill()
    }
    await eventually('the last deployment is complete', async () => {
      const { deployments, runningCount, pendingCount } = await tasks.service('churn')
      return deployments?.length === 1 && runningCount === count && pendingCount === 0
    })
    await hostRuns((await tasks.serviceRuns('churn', count)).map(task => runtimeIdOf(task)))
    await tasks.deleteService('churn')
    await hostRuns([''])
  })

  it('says of a host port that somebody else has that it is taken, and runs the task once it is not', async () => {
    const other = createServer().listen(0, '0.0.0.0')
    await once(other, 'listening')
    const { port: hostPort } = other.address() as AddressInfo
    try {
      const definition = await tasks.define([
        { script: untilStopped, portMappings: [{ containerPort: 80, hostPort }] },
      ])
      const refused = await tasks.reached(await tasks.run(definition), 'STOPPED')
      expect(refused.stopCode).toBe('TaskFailedToStart')
      expect(refused.containers?.[0]?.reason).toMatch(
        /^CannotStartContainerError: Error response from daemon: .*(address already in use|port is already allocated)/,
      )
      other.close()
      await once(other, 'close')
      const arn = await tasks.run(definition)
      await tasks.running(arn)
      await tasks.stop(arn)
    } finally {
      other.close()
    }
  })

  it('starts ten tasks of one request, and stops them all', async () => {
    const definition = await tasks.define([{ script: untilStopped }])
    const { tasks: placed = [] } = await tasks.request(definition, { count: 10 })
    const arns = placed.map(({ taskArn = '' }) => taskArn)
    const running = await Promise.all(arns.map(arn => tasks.running(arn)))
    expect(new Set(running.map(task => runtimeIdOf(task))).size).toBe(10)
    await Promise.all(arns.map(arn => tasks.stop(arn)))
    for (const arn of arns)
      expect((await tasks.reached(arn, 'STOPPED')).containers).toMatchObject([{ exitCode: 0 }])
    await hostRuns([''])
  })
})
