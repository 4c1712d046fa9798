import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

/** This machine has none: the operator says that it has, and the engine refuses them when a container is to start. */
describe('GPUs', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start({ agent: { BERTH_GPU_IDS: 'GPU-a,GPU-b' } })
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const asking = (value: string) => ({
    script: untilStopped,
    resourceRequirements: [{ type: 'GPU' as const, value }],
  })

  it('are registered, and given to the engine and to the process by their names', async () => {
    const { registeredResources } = (await berth.instance()) ?? {}
    expect(registeredResources?.find(({ name }) => name === 'GPU')?.stringSetValue).toEqual([
      'GPU-a',
      'GPU-b',
    ])
    const stopped = await tasks.toEnd([asking('2')])
    const [found] = JSON.parse(await docker('inspect', runtimeIdOf(stopped))) as {
      Config: { Env: string[] }
      HostConfig: { DeviceRequests: unknown }
    }[]
    expect(found?.HostConfig.DeviceRequests).toMatchObject([
      { Driver: 'nvidia', DeviceIDs: ['GPU-a', 'GPU-b'], Capabilities: [['gpu']] },
    ])
    expect(found?.Config.Env).toContain('NVIDIA_VISIBLE_DEVICES=GPU-a,GPU-b')
    expect(stopped.containers).toMatchObject([
      {
        gpuIds: ['GPU-a', 'GPU-b'],
        reason: expect.stringMatching(/^CannotStartContainerError: Error response from daemon: .*nvidia/),
      },
    ])
  })

  it('that are not there place a task nowhere', async () => {
    expect(await tasks.request(await tasks.define([asking('3')]))).toMatchObject({
      tasks: [],
      failures: [{ reason: 'RESOURCE:GPU' }],
    })
  })
})
