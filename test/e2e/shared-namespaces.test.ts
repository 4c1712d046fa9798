import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

describe('namespaces that the containers of a task share', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const two = (rest: Partial<RegisterTaskDefinitionCommandInput>) =>
    tasks.define([{ script: untilStopped }, { name: 'second', script: untilStopped }], rest)
  const pausesOf = async (arn: string): Promise<string[]> => {
    const listed = await docker(
      ...['ps', '-aq', '--filter', `label=com.amazonaws.ecs.task-arn=${arn}`],
      ...['--filter', 'label=com.amazonaws.ecs.container-name=~internal~ecs~pause'],
    )
    return listed.split('\n').filter(Boolean)
  }
  /** What a file of /proc in the container links to, for instance `pid:[4026531836]`. */
  const namespace = (id: string, kind: string): Promise<string> =>
    docker('exec', id, 'readlink', `/proc/self/ns/${kind}`)
  const stop = async (arn: string): Promise<void> => {
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
    await eventually('the pause container is gone', async () => (await pausesOf(arn)).length === 0)
  }

  it('pidMode task: they see one another’s processes, and no others of the host', async () => {
    const arn = await tasks.run(await two({ pidMode: 'task' }))
    const task = await tasks.running(arn)
    const [main, second] = [runtimeIdOf(task), runtimeIdOf(task, 'second')]
    expect(await namespace(main, 'pid')).toBe(await namespace(second, 'pid'))
    expect(await namespace(main, 'ipc')).not.toBe(await namespace(second, 'ipc'))
    const processes = await docker('exec', main, 'ps', '-o', 'pid,args')
    expect(processes).toMatch(/^\s*1 \/pause$/m)
    expect(processes.match(/while :; do/g)).toHaveLength(2)
    expect(task.containers?.map(({ name }) => name)).toEqual(['main', 'second'])
    await stop(arn)
  })

  it('pidMode task: processes that lost their parents are reaped', async () => {
    const arn = await tasks.run(await two({ pidMode: 'task' }))
    const main = runtimeIdOf(await tasks.running(arn))
    await docker('exec', main, 'sh', '-c', 'sh -c "sleep 0.2 & exit" & wait')
    await eventually('nothing is left of the orphan', async () => {
      // A process may end between the two: then cat fails, and has printed the others.
      const states = await docker('exec', main, 'sh', '-c', 'cat /proc/[0-9]*/stat || :')
      return !/\(sleep\)/.test(states.replaceAll(/\(sleep\) S.*\n/g, '')) && !/\) Z /.test(states)
    })
    await stop(arn)
  })

  it('ipcMode task: they share memory', async () => {
    const arn = await tasks.run(await two({ ipcMode: 'task' }))
    const task = await tasks.running(arn)
    const [main, second] = [runtimeIdOf(task), runtimeIdOf(task, 'second')]
    expect(await namespace(main, 'ipc')).toBe(await namespace(second, 'ipc'))
    expect(await namespace(main, 'pid')).not.toBe(await namespace(second, 'pid'))
    await docker('exec', main, 'sh', '-c', 'echo shared > /dev/shm/file')
    expect(await docker('exec', second, 'cat', '/dev/shm/file')).toContain('shared')
    await stop(arn)
  })

  it('both, below the limits of the task, outlive a killed agent', async () => {
    const arn = await tasks.run(await two({ pidMode: 'task', ipcMode: 'task', memory: '64' }))
    const [pause] = await tasks.running(arn).then(() => pausesOf(arn))
    expect(await docker('inspect', '-f', '{{.HostConfig.CgroupParent}}', pause ?? '')).toContain('/ecs/')
    await berth.killAgent()
    await berth.startAgent()
    await berth.agentConnected()
    expect(await pausesOf(arn)).toEqual([pause])
    await stop(arn)
  })

  it('pidMode and ipcMode host: those of the host', async () => {
    const arn = await tasks.run(await two({ pidMode: 'host', ipcMode: 'host' }))
    const main = runtimeIdOf(await tasks.running(arn))
    const modes = await docker('inspect', '-f', '{{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}', main)
    expect(modes.trim()).toBe('host host')
    expect(await pausesOf(arn)).toEqual([])
    await stop(arn)
  })

  it('ipcMode none: a container has no shared memory at all', async () => {
    const arn = await tasks.run(await two({ ipcMode: 'none' }))
    const main = runtimeIdOf(await tasks.running(arn))
    expect((await docker('inspect', '-f', '{{.HostConfig.IpcMode}}', main)).trim()).toBe('none')
    expect(await docker('exec', main, 'sh', '-c', 'grep -c /dev/shm /proc/mounts || true')).toContain('0')
    await stop(arn)
  })
})
