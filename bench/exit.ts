/** How long a container's end takes to show as STOPPED in DescribeTasks. */
import type { Task } from '@aws-sdk/client-ecs'
import { Berth } from '../test/e2e/berth.ts'
import { busybox, makeBusyboxImage } from '../test/e2e/busybox.ts'
import { define, describe, runTasks } from './berth-tasks.ts'
import { DockerApi } from './docker-api.ts'
import { percentile, polled } from './measure.ts'

const rounds = 15
const tasksARound = 8
const lookEveryMs = 2

/** The ends of one round are apart, as they are on a host whose containers do not know each other. */
const script = 'sleep $(( 3 + $(od -An -N1 -i /dev/urandom) % 4 )).$(od -An -N1 -i /dev/urandom | tr -d " ")'

/** When the kernel told containerd of the end, in milliseconds since 1970, by the clock that this process has too. */
const endedAt = async (docker: DockerApi, task: Task): Promise<number> => {
  const id = task.containers?.[0]?.runtimeId
  const { State } = await docker.call<{ State: { FinishedAt: string } }>('GET', `/containers/${id}/json`)
  return Date.parse(State.FinishedAt)
}

/** Milliseconds from the end of each container to the answer that showed its task STOPPED. */
const measure = async (berth: Berth, docker: DockerApi): Promise<number[]> => {
  const arns = await runTasks(berth, 'bench', tasksARound)
  const seen = new Map<Task, number>()
  let waiting = arns
  await polled(async () => {
    const described = await describe(berth, waiting)
    const now = Date.now()
    const stopped = described.filter(task => task.lastStatus === 'STOPPED')
    for (const task of stopped) seen.set(task, now)
    const gone = new Set(stopped.map(task => task.taskArn))
    waiting = waiting.filter(arn => !gone.has(arn))
    return waiting.length === 0
  }, lookEveryMs)
  return Promise.all([...seen].map(async ([task, at]) => at - (await endedAt(docker, task))))
}

export const exits = async (): Promise<void> => {
  makeBusyboxImage()
  const docker = new DockerApi()
  const berth = await Berth.start()
  try {
    await define(berth, {
      family: 'bench',
      networkMode: 'none',
      containerDefinitions: [{ name: 'main', image: busybox, memory: 16, command: ['sh', '-c', script] }],
    })
    const delays: number[] = []
    for (let round = 0; round < rounds; round++) delays.push(...(await measure(berth, docker)))
    const ms = (percent: number): string => `${percentile(delays, percent).toFixed(0)} ms`
    console.log(
      `${delays.length} containers, from the end of the process to STOPPED in DescribeTasks (asked each ${lookEveryMs} ms): p50 ${ms(50)}, p99 ${ms(99)}, max ${ms(100)}`,
    )
  } finally {
    docker.close()
    await berth.stop()
  }
}
