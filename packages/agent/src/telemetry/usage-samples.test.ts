import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { parseMounts } from '../cgroups/cgroup-files.ts'
import type { ContainerView, Engine } from '../engine/engine.ts'
import { newTask, type TaskState } from '../tasks/task-state.ts'
import { payload } from '../tasks/tasks-fixtures.ts'
import { UsageSamples } from './usage-samples.ts'

/** A task whose container runs, as its agent knows. */
const running = (): TaskState => {
  const task = newTask(payload('a'), 'incarnation')
  return {
    ...task,
    containers: task.containers.map(each => ({ ...each, step: 'RUNNING', runtimeId: 'abc' })),
  }
}

const samplesOf = (pid: number | undefined) => {
  const calls: string[] = []
  const engine = {
    inspect: async (id: string) => {
      calls.push(`inspect ${id}`)
      return { pid } as ContainerView
    },
    kill: async (id: string, signal?: string) => {
      calls.push(`kill ${id} ${signal}`)
    },
  } as unknown as Engine
  const samples = new UsageSamples({ engine, cpuCount: 1, mounts: parseMounts('', '1'), now: () => 0 })
  return { samples, calls }
}

it('wakes an engine that takes a container for running whose process has ended', async () => {
  const { pid } = spawnSync('true')
  const { samples, calls } = samplesOf(pid)
  expect(await samples.round([running()])).toEqual([])
  expect(calls).toEqual(['inspect abc', 'kill abc SIGURG'])
})

it('leaves a container alone that has ended, and a process that is another one now', async () => {
  for (const pid of [undefined, process.pid]) {
    const { samples, calls } = samplesOf(pid)
    expect(await samples.round([running()])).toEqual([])
    expect(calls).toEqual(['inspect abc'])
  }
})
