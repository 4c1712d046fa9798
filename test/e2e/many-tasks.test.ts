import { readdirSync, readFileSync } from 'node:fs'
import { DescribeTasksCommand, StopTaskCommand, type Task } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { Tasks } from './tasks.ts'

const count = 200
const longMs = 120_000

describe('two hundred tasks on one host', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start({ agent: { BERTH_TASK_CLEANUP_SECONDS: '1' } })
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const run = async (definition: string): Promise<string[]> => {
    const answers = await Promise.all(
      Array.from({ length: count / 10 }, () => tasks.request(definition, { count: 10 })),
    )
    return answers.flatMap(answer => (answer.tasks ?? []).map(({ taskArn = '' }) => taskArn))
  }

  const described = async (arns: readonly string[]): Promise<Task[]> => {
    const halves = [arns.slice(0, count / 2), arns.slice(count / 2)]
    const answers = await Promise.all(
      halves.map(half => berth.ecs.send(new DescribeTasksCommand({ tasks: half }))),
    )
    return answers.flatMap(answer => answer.tasks ?? [])
  }

  const allReach = (arns: readonly string[], status: string): Promise<Task[]> =>
    eventually(
      `${arns.length} tasks are ${status}`,
      async () => {
        const found = await described(arns)
        return found.length === count && found.every(task => task.lastStatus === status) && found
      },
      longMs,
    )

  const residentMiB = (): number =>
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${berth.agentPid()}/status`, 'utf8'))?.[1]) / 1024

  /** The cgroups that the agent made for the tasks, and mounts that name one. */
  const leftOf = (arns: readonly string[]): string[] => {
    const ids = new Set(arns.map(arn => arn.split('/').at(-1) ?? ''))
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    const inMounts = [...ids].filter(id => mounts.includes(id))
    const folders = ['memory', 'cpu', ''].flatMap(controller => {
      try {
        return readdirSync(`/sys/fs/cgroup/${controller}/ecs`)
      } catch {
        // No task of a host with this layout has a cgroup there.
        return []
      }
    })
    return [...inMounts, ...folders.filter(folder => ids.has(folder))]
  }

  it('start at once, stop at once, let another task stop meanwhile, and keep the agent below 120 MiB', async () => {
    const other = await tasks.run(
      await tasks.define([{ command: ['sleep', '3600'] }], { networkMode: 'host' }),
    )
    await tasks.running(other)
    const definition = await tasks.define([{ memory: 8, command: ['sleep', '3600'] }], {
      networkMode: 'host',
      memory: '8',
    })
    const arns = await run(definition)
    expect(arns).toHaveLength(count)
    await tasks.stop(other)
    const { stoppedAt } = await tasks.reached(other, 'STOPPED', longMs)

    const running = await allReach(arns, 'RUNNING')
    const startedLast = Math.max(...running.map(task => task.startedAt?.getTime() ?? 0))
    expect(stoppedAt?.getTime()).toBeLessThan(startedLast)
    expect(residentMiB()).toBeLessThan(120)

    await Promise.all(arns.map(task => berth.ecs.send(new StopTaskCommand({ task }))))
    const stopped = await allReach(arns, 'STOPPED')
    expect(new Set(stopped.map(task => task.stopCode))).toEqual(new Set(['UserInitiated']))
    await eventually(
      'nothing of them is left',
      async () => {
        const ours = `label=berth.incarnation=${await berth.incarnation()}`
        return (await docker('ps', '-aq', '--filter', ours)) === '' && leftOf(arns).length === 0
      },
      longMs,
    )
  }, 300_000)
})
