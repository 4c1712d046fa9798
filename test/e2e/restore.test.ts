import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CreateClusterCommand, DescribeTasksCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually, isRunning, removeContainers } from './berth.ts'
import { busybox, makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

describe('a data directory that was lost', () => {
  let berth: Berth
  let tasks: Tasks
  let definition: string
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start({
      server: { BERTH_MANIFEST_MS: '1000' },
      agent: { BERTH_ORPHAN_SECONDS: '1' },
    })
    tasks = new Tasks(berth)
    definition = await tasks.define([{ script: untilStopped }])
  })
  afterAll(() => berth?.stop())

  const runOne = async (): Promise<{ arn: string; id: string }> => {
    const arn = await tasks.run(definition)
    return { arn, id: runtimeIdOf(await tasks.running(arn)) }
  }
  /** Everything of the server but its keys; what the agent remembers stays. */
  const wipe = (): void => {
    for (const name of readdirSync(berth.dataDir))
      if (name !== 'credentials.json' && name !== 'agent' && !/\.(log|backup|backup\.key)$/.test(name))
        rmSync(join(berth.dataDir, name), { recursive: true })
  }
  /** Resolves once two manifests of the present incarnation have come: they take a container away that it does not know. */
  const twoManifests = async (): Promise<void> => {
    const incarnation = (await berth.incarnation()) ?? ''
    const mark = `berth-e2e-probe=${incarnation}`
    const labels = {
      'berth.incarnation': incarnation,
      'berth.container-instance': (await berth.instance())?.containerInstanceArn,
      'com.amazonaws.ecs.container-name': 'main',
      'com.amazonaws.ecs.task-arn': definition.replace(/task-definition.*/, `task/default/${'0'.repeat(32)}`),
    }
    const flags = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
    try {
      const probe = await docker('run', '-d', '--label', mark, ...flags, busybox, 'sleep', '1000')
      await eventually('the probe is removed', async () => !(await isRunning(probe)))
    } finally {
      await removeContainers(mark)
    }
  }

  it('and restored from a backup goes on with the tasks that it knows, and lets the later ones run on', async () => {
    const known = await runOne()
    const backup = join(berth.dataDir, 'copy.backup')
    expect(await berth.command('backup', backup)).toMatchObject({ code: 0 })
    const later = await runOne()
    const before = await berth.incarnation()
    await berth.killServer()
    wipe()
    expect(await berth.command('restore', backup)).toMatchObject({ code: 0 })
    await berth.startServer()
    expect(await berth.incarnation()).not.toBe(before)
    await berth.agentConnected()
    await twoManifests()
    expect(await isRunning(known.id)).toBe(true)
    expect(await isRunning(later.id)).toBe(true)
    expect(await tasks.describe(known.arn)).toMatchObject({
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
      containers: [{ runtimeId: known.id }],
    })
    const { failures } = await berth.ecs.send(new DescribeTasksCommand({ tasks: [later.arn] }))
    expect(failures).toMatchObject([{ arn: later.arn, reason: 'MISSING' }])
    await tasks.stop(known.arn)
    expect((await tasks.reached(known.arn, 'STOPPED')).containers).toMatchObject([{ exitCode: 0 }])
    const next = await runOne()
    await tasks.stop(next.arn)
    await tasks.reached(next.arn, 'STOPPED')
    expect(await isRunning(later.id)).toBe(true)
  })

  it('of the agent changes nothing: it is the same instance again, and adopts its containers', async () => {
    const { arn, id } = await runOne()
    const instance = await berth.instance()
    await berth.killAgent()
    rmSync(join(berth.dataDir, 'agent'), { recursive: true })
    await berth.startAgent()
    expect((await berth.instance())?.containerInstanceArn).toBe(instance?.containerInstanceArn)
    await twoManifests()
    expect(await isRunning(id)).toBe(true)
    expect(runtimeIdOf(await tasks.running(arn))).toBe(id)
    await tasks.stop(arn)
    expect((await tasks.reached(arn, 'STOPPED')).containers).toMatchObject([{ exitCode: 0, runtimeId: id }])
    expect(await isRunning(id)).toBe(false)
  })

  it('and begun anew lets what runs run on, also when the agent is started again', async () => {
    const forgotten = await runOne()
    await berth.killServer()
    wipe()
    expect(existsSync(join(berth.dataDir, 'agent'))).toBe(true)
    await berth.startServer()
    await berth.ecs.send(new CreateClusterCommand({}))
    await berth.agentConnected()
    await twoManifests()
    expect(await isRunning(forgotten.id)).toBe(true)
    await berth.killAgent()
    await berth.startAgent()
    await twoManifests()
    expect(await isRunning(forgotten.id)).toBe(true)
    definition = await tasks.define([{ script: untilStopped }])
    const next = await runOne()
    await tasks.stop(next.arn)
    await tasks.reached(next.arn, 'STOPPED')
  })
})
