import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastSegment } from '@berth/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const mebibyte = 1024 * 1024
const isVersion2 = existsSync('/sys/fs/cgroup/cgroup.controllers')

/** A file of the task's cgroup, as this machine's kernel has it. */
const fileOf = (taskArn: string, version1: string, version2: string): string => {
  const directory = isVersion2 ? '/sys/fs/cgroup' : join('/sys/fs/cgroup', version1.split('.', 1)[0] ?? '')
  return join(directory, 'ecs', lastSegment(taskArn), isVersion2 ? version2 : version1)
}
const memoryFile = (arn: string): string => fileOf(arn, 'memory.limit_in_bytes', 'memory.max')
const cpuFile = (arn: string): string => fileOf(arn, 'cpu.cfs_quota_us', 'cpu.max')
const read = (file: string): string => readFileSync(file, 'utf8').trim()

describe("a task's own cpu and memory", () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const unlimited = { memory: undefined, script: untilStopped }
  const limited = () =>
    tasks.define([unlimited, { ...unlimited, name: 'second' }], { cpu: '512', memory: '64' })

  it('are one cgroup above its containers, which is gone after the task', async () => {
    const arn = await tasks.run(await limited())
    const task = await tasks.running(arn)
    expect(read(memoryFile(arn))).toBe(String(64 * mebibyte))
    expect(read(cpuFile(arn))).toMatch(/^50000\b/)
    const parents = await Promise.all(
      ['main', 'second'].map(name =>
        docker(
          'inspect',
          '-f',
          '{{.HostConfig.CgroupParent}} {{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}',
          runtimeIdOf(task, name),
        ),
      ),
    )
    expect(parents.map(text => text.trim())).toEqual(Array(2).fill(`/ecs/${lastSegment(arn)} 0 0`))
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
    // The engine fills hierarchies of which the limits need nothing, too.
    await eventually('the cgroup is gone', () =>
      Promise.resolve(globSync(`/sys/fs/cgroup/{,*/}ecs/${lastSegment(arn)}`).length === 0),
    )
  })

  it('hold for all containers together: who takes too much is killed', async () => {
    // What is written to a tmpfs is memory of the container that writes.
    const hungry = 'head -c 40m /dev/zero > /dev/shm/a; sleep 1'
    const stopped = await tasks.toEnd(
      ['main', 'second'].map(name => ({
        name,
        memory: undefined,
        script: hungry,
        linuxParameters: { sharedMemorySize: 64 },
      })),
      { memory: '48' },
    )
    expect(stopped.containers?.some(({ exitCode }) => exitCode === 137 || exitCode === 143)).toBe(true)
    expect(stopped.containers?.some(({ reason }) => reason?.startsWith('OutOfMemoryError'))).toBe(true)
  })

  it('blame memory for the container that it killed, and for no other of the task', async () => {
    const stopped = await tasks.toEnd(
      [
        // It has no newline to wait for, and keeps all that it reads.
        { memory: undefined, script: 'sleep 0.5; tail /dev/zero; sleep 3; exit 7' },
        { ...unlimited, name: 'idle' },
        { name: 'done', essential: false, memory: undefined, script: 'sleep 1.5' },
      ],
      { memory: '40' },
    )
    expect(stopped.containers?.map(({ name, exitCode, reason }) => [name, exitCode, reason])).toEqual([
      ['main', 7, 'OutOfMemoryError: Container killed due to memory usage'],
      ['idle', 0, undefined],
      ['done', 0, undefined],
    ])
  })

  it('are none of a task that says none', async () => {
    const arn = await tasks.run(await tasks.define([{ script: untilStopped }]))
    const task = await tasks.running(arn)
    expect(await docker('inspect', '-f', '{{.HostConfig.CgroupParent}}', runtimeIdOf(task))).toBe('\n'.trim())
    expect(existsSync(memoryFile(arn))).toBe(false)
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
  })

  it('hold after the agent was killed and started again, and are given back then', async () => {
    const arn = await tasks.run(await limited())
    await tasks.running(arn)
    await berth.killAgent()
    await berth.startAgent()
    expect(read(memoryFile(arn))).toBe(String(64 * mebibyte))
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
    await eventually('the cgroup is gone', () => Promise.resolve(!existsSync(memoryFile(arn))))
  })
})
