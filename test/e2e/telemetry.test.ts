import { readFile } from 'node:fs/promises'
import { createDockerEngine, systemClock } from '@berth/agent'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseMounts } from '../../packages/agent/src/cgroups/cgroup-files.ts'
import { readUsage } from '../../packages/agent/src/telemetry/usage.ts'
import { Berth, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks } from './tasks.ts'

describe('telemetry', () => {
  let berth: Berth
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
  })
  afterAll(() => berth?.stop())

  it('has a session of its own, in which its frames are accepted', async () => {
    await eventually('the telemetry session is open', async () =>
      /berth_telemetry_sessions 1/.test(await (await fetch(`${berth.endpoint}/metrics`)).text()),
    )
    await eventually('the agent has said so', async () => /telemetry is open/.test(berth.log('agent')))
    expect(berth.log('server')).not.toContain('telemetry frame was refused')
  })

  it("reads what a real container uses from the kernel's files", async () => {
    const tasks = new Tasks(berth)
    const task = await tasks.running(await tasks.run(await tasks.define([{ script: 'while :; do :; done' }])))
    const engine = createDockerEngine('/var/run/docker.sock', systemClock)
    try {
      const info = await engine.info()
      const version = info.cgroupVersion === '2' ? '2' : '1'
      const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'), version)
      const runtimeId = runtimeIdOf(task)
      const pid = (await engine.inspect(runtimeId))?.pid ?? 0
      const usage = () => readUsage(mounts, pid, runtimeId)
      const before = (await usage())?.cpuNanoseconds ?? 0
      const after = await eventually('the loop has used a tenth of a second', async () => {
        const now = await usage()
        return now && now.cpuNanoseconds - before > 1e8 && now
      })
      expect(after.memoryBytes).toBeGreaterThan(0)
      expect(after.memoryBytes).toBeLessThan(16 * 1024 * 1024)
      expect(after.network.rxBytes).toBeGreaterThanOrEqual(0)
      expect(await readUsage(mounts, process.pid, runtimeId)).toBeUndefined()
    } finally {
      engine.close()
    }
  })
})
