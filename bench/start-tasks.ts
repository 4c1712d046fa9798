import { Berth } from '../test/e2e/berth.ts'
import { busybox, makeBusyboxImage } from '../test/e2e/busybox.ts'
import { allReach, define, runTasks, stopTasks } from './berth-tasks.ts'
import { DockerApi } from './docker-api.ts'
import { inParallel, median, timed } from './measure.ts'
import { Swarm } from './swarm.ts'

const counts = [1, 10, 50]
const rounds: Readonly<Record<number, number>> = { 1: 15, 10: 9, 50: 3 }
const widths = [4, 8, 16]
const label = 'berth.bench.plain'

/** Looking costs processor time that the containers want: less often for more of them, and alike for both. */
const lookEveryMs = (count: number): number => Math.max(10, Math.min(50, 2.5 * count))

/** How long the plain API takes to create and start so many containers, so many at a time. */
const plain = async (docker: DockerApi, count: number, width: number): Promise<number> => {
  const took = await timed(() =>
    inParallel(Array.from({ length: count }), width, () => docker.run(busybox, label)),
  )
  await docker.removeLabelled(label)
  return took
}

/** From RunTask to RUNNING of all of them, visible in DescribeTasks. */
const berthTasks = async (berth: Berth, count: number): Promise<number> => {
  let arns: string[] = []
  const took = await timed(async () => {
    arns = await runTasks(berth, 'bench', count)
    await allReach(berth, arns, 'RUNNING', lookEveryMs(count))
  })
  await stopTasks(berth, arns)
  return took
}

const swarmTasks = async (swarm: Swarm, count: number, round: number): Promise<number> => {
  const name = `bench-${count}-${round}`
  const took = await timed(() => swarm.runService(name, count, lookEveryMs(count)))
  await swarm.removeService(name)
  return took
}

const measure = async (
  berth: Berth,
  docker: DockerApi,
  swarm: Swarm | undefined,
  count: number,
): Promise<void> => {
  const figures = { berth: [] as number[], swarm: [] as number[], plain: widths.map(() => [] as number[]) }
  for (let round = 0; round < (rounds[count] ?? 3); round++) {
    for (const [index, width] of widths.entries())
      figures.plain[index]?.push(await plain(docker, count, width))
    figures.berth.push(await berthTasks(berth, count))
    if (swarm) figures.swarm.push(await swarmTasks(swarm, count, round))
  }
  const best = Math.min(...figures.plain.map(median))
  const ours = median(figures.berth)
  const theirs = median(figures.swarm)
  const besideSwarm = swarm
    ? `, Swarm ${theirs.toFixed(0)} ms (Berth takes ${(ours / theirs).toFixed(2)} × of it)`
    : ''
  console.log(
    `${String(count).padStart(3)} tasks: plain Docker API ${best.toFixed(0)} ms, Berth ${ours.toFixed(0)} ms (${(ours / best).toFixed(2)} ×, ${(ours - best).toFixed(0)} ms more)${besideSwarm}`,
  )
}

/** RunTask accepted to RUNNING visible, beside the plain Docker API at its best concurrency and, if wanted, Docker Swarm. */
export const startTasks = async (withSwarm: boolean): Promise<void> => {
  makeBusyboxImage()
  const docker = new DockerApi()
  const swarm = withSwarm ? new Swarm() : undefined
  const berth = await Berth.start()
  try {
    await swarm?.start(busybox)
    await define(berth, {
      family: 'bench',
      containerDefinitions: [
        { name: 'main', image: busybox, memory: 16, cpu: 10, command: ['sleep', '3600'], stopTimeout: 2 },
      ],
    })
    await berthTasks(berth, 1)
    for (const count of counts) await measure(berth, docker, swarm, count)
  } finally {
    await docker.removeLabelled(label)
    docker.close()
    await berth.stop()
    await swarm?.stop()
  }
}
