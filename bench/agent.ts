/** What Berth's agent takes of its host, without tasks and with some, beside what Amazon's agent was measured to take. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Berth } from '../test/e2e/berth.ts'
import { busybox, makeBusyboxImage } from '../test/e2e/busybox.ts'
import { processorOf } from './berth-server.ts'
import { allReach, define, runTasks, stopTasks } from './berth-tasks.ts'

const counts = [0, 41, 200]
/** As long as the official agent was watched; its telemetry, and ours, is sent each 20 s. */
const telemetryMs = 45_000
const official = new Map([
  [0, '45 MiB'],
  [41, '57 MiB, 0.9 s of processor time'],
])
const mibAim = 120

/** Of `/proc/PID/status`, in MiB. */
const memoryOf = (pid: number, member: 'VmRSS' | 'VmHWM' | 'RssAnon'): number =>
  Number(
    new RegExp(`^${member}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
  ) / 1024

const measure = async (count: number): Promise<void> => {
  const berth = await Berth.start()
  try {
    await define(berth, {
      family: 'bench',
      networkMode: 'host',
      containerDefinitions: [
        { name: 'main', image: busybox, memory: 16, command: ['sleep', '3600'], stopTimeout: 2 },
      ],
    })
    const pid = berth.agentPid()
    const before = processorOf(pid).allMs
    const arns = await runTasks(berth, 'bench', count)
    await allReach(berth, arns, 'RUNNING', 200)
    const started = processorOf(pid).allMs
    await delay(telemetryMs)
    const after = processorOf(pid).allMs
    const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(2)} s`
    const mib = (member: Parameters<typeof memoryOf>[1]): string => `${memoryOf(pid, member).toFixed(0)} MiB`
    console.log(
      `${String(count).padStart(3)} tasks: ${mib('VmRSS')} resident (${mib('RssAnon')} of them its own, the most ${mib('VmHWM')}; aim: below ${mibAim} MiB), processor ${seconds(before, after)} (${seconds(before, started)} until all were RUNNING, ${seconds(started, after)} in ${telemetryMs / 1000} s of telemetry); official agent: ${official.get(count) ?? 'not measured'}`,
    )
    await stopTasks(berth, arns)
  } finally {
    await berth.stop()
  }
}

export const agentLoad = async (): Promise<void> => {
  makeBusyboxImage()
  for (const count of counts) await measure(count)
}
