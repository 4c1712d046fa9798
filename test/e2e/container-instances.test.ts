import {
  DeregisterContainerInstanceCommand,
  type Task,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually, isRunning, removeContainers } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const orphanSeconds = 2

describe('container instances', () => {
  let berth: Berth
  let tasks: Tasks
  let definition: string
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start({
      server: {
        BERTH_AGENT_LOST_AFTER_MS: '1500',
        BERTH_AGENT_START_GRACE_MS: '5000',
        BERTH_MANIFEST_MS: '1000',
      },
      agent: { BERTH_ORPHAN_SECONDS: String(orphanSeconds) },
    })
    tasks = new Tasks(berth)
    await berth.startAgent('other')
    definition = await tasks.define([{ script: untilStopped }])
  })
  afterAll(() => berth?.stop())

  const arnOf = async (host: string): Promise<string> => {
    const instance = await berth.instance(host)
    return instance?.containerInstanceArn ?? `no instance of ${host}`
  }
  const on = (arn: string) => (task: Task) => task.containerInstanceArn === arn
  const runOn = (host: string): Promise<string> =>
    tasks.run(definition, {
      placementConstraints: [{ type: 'memberOf', expression: `attribute:host == ${host}` }],
    })
  const setState = async (host: string, status: 'ACTIVE' | 'DRAINING'): Promise<void> => {
    await berth.ecs.send(
      new UpdateContainerInstancesStateCommand({ containerInstances: [await arnOf(host)], status }),
    )
  }

  it('of one engine spread a service over them, and leave each other’s containers alone', async () => {
    await tasks.createService('spread', definition, 4)
    const running = await tasks.serviceRuns('spread', 4)
    expect(running.filter(on(await arnOf('agent')))).toHaveLength(2)
    expect(running.filter(on(await arnOf('other')))).toHaveLength(2)
    await tasks.deleteService('spread')
    for (const { taskArn = '' } of running) await tasks.reached(taskArn, 'STOPPED')
  })

  it('remove a container of theirs that the control plane does not know after two manifests, and no other one', async () => {
    const incarnation = (await berth.incarnation()) ?? ''
    const mark = `berth-e2e-orphan=${incarnation}`
    const unknown = (labels: Record<string, string>): Promise<string> => {
      const all = {
        'berth.incarnation': incarnation,
        'com.amazonaws.ecs.container-name': 'main',
        'com.amazonaws.ecs.task-arn': `${definition.replace(/task-definition.*/, 'task/default/')}${'0'.repeat(32)}`,
        ...labels,
      }
      const flags = Object.entries(all).flatMap(([name, value]) => ['--label', `${name}=${value}`])
      return docker('run', '-d', '--label', mark, ...flags, busybox, 'sleep', '1000')
    }
    try {
      const known = [await runOn('agent'), await runOn('other')]
      const runningIds = await Promise.all(known.map(async arn => runtimeIdOf(await tasks.running(arn))))
      const ofOurs = { 'berth.container-instance': await arnOf('agent') }
      const others = [
        await unknown({ ...ofOurs, 'berth.incarnation': 'another-incarnation' }),
        await unknown({ 'berth.container-instance': `${await arnOf('agent')}0` }),
        await docker('run', '-d', '--label', mark, busybox, 'sleep', '1000'),
      ]
      const made = performance.now()
      const orphan = await unknown(ofOurs)
      await eventually('the orphan is removed', async () => !(await isRunning(orphan)))
      expect(performance.now() - made).toBeGreaterThan(orphanSeconds * 1_000)
      for (const id of [...runningIds, ...others]) expect(await isRunning(id)).toBe(true)
      for (const arn of known) await tasks.stop(arn)
    } finally {
      await removeContainers(mark)
    }
  })

  it('that are DRAINING lose the tasks of services to the others, get no new ones and keep those that were run by hand', async () => {
    const byHand = await runOn('agent')
    await tasks.running(byHand)
    await tasks.createService('movable', definition, 2)
    await tasks.serviceRuns('movable', 2)
    const other = await arnOf('other')
    await setState('agent', 'DRAINING')
    await tasks.serviceRuns('movable', 2, on(other))
    const { tasks: placed = [] } = await tasks.request(definition, { count: 2 })
    expect(placed.map(task => task.containerInstanceArn)).toEqual([other, other])
    expect((await tasks.describe(byHand)).desiredStatus).toBe('RUNNING')
    await setState('agent', 'ACTIVE')
    await tasks.running(await runOn('agent'))
    await tasks.deleteService('movable')
  })

  it('that are gone lose their tasks, services replace theirs, and what still runs is stopped when they come back', async () => {
    const agent = await arnOf('agent')
    const byHand = await runOn('agent')
    const container = runtimeIdOf(await tasks.running(byHand))
    await tasks.createService('healed', definition, 2)
    const before = await tasks.serviceRuns('healed', 2)
    const lost = before.filter(on(agent))
    expect(lost).not.toEqual([])
    await berth.killAgent()
    await eventually(
      'the agent shows as disconnected',
      async () => !(await berth.instance())?.agentConnected,
      5_000,
    )
    const stopped = await tasks.reached(byHand, 'STOPPED')
    expect(stopped.stopCode).toBe('TerminationNotice')
    expect(stopped.stoppedReason).toMatch(/^Host EC2 \(instance .*\) terminated\.$/)
    const other = await arnOf('other')
    await tasks.serviceRuns('healed', 2, on(other))
    expect(await isRunning(container)).toBe(true)
    await berth.startAgent()
    await eventually('what ran there is stopped', async () => !(await isRunning(container)))
    for (const task of lost)
      await eventually('so are the tasks of the service', async () => !(await isRunning(runtimeIdOf(task))))
    expect(await tasks.serviceTasks('healed')).toHaveLength(2)
    await tasks.deleteService('healed')
  })

  it('can only be deregistered by force while they have tasks; those are replaced, and their containers stop when the host joins anew', async () => {
    const containerInstance = await arnOf('other')
    await tasks.createService('moved', definition, 2)
    const before = await tasks.serviceRuns('moved', 2)
    const left = before.filter(on(containerInstance))
    expect(left).not.toEqual([])
    await expect(
      berth.ecs.send(new DeregisterContainerInstanceCommand({ containerInstance })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Found running tasks on the instance.',
    })
    const { containerInstance: gone } = await berth.ecs.send(
      new DeregisterContainerInstanceCommand({ containerInstance, force: true }),
    )
    expect(gone).toMatchObject({ status: 'INACTIVE', agentConnected: false })
    for (const { taskArn = '' } of left)
      expect(await tasks.reached(taskArn, 'STOPPED')).toMatchObject({
        stopCode: 'UserInitiated',
        stoppedReason: 'Container instance deregistration forced by user.',
      })
    await tasks.serviceRuns('moved', 2, on(await arnOf('agent')))
    for (const task of left) expect(await isRunning(runtimeIdOf(task))).toBe(true)
    await berth.killAgent('other')
    await berth.startAgent('other')
    expect(await arnOf('other')).not.toBe(containerInstance)
    for (const task of left)
      await eventually('the old container is stopped', async () => !(await isRunning(runtimeIdOf(task))))
    await tasks.deleteService('moved')
  })
})
