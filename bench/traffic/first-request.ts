/** From the moment at which a task is seen RUNNING to the first request that it serves behind its load balancer. */
import { ListTasksCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import type { Berth } from '../../test/e2e/berth.ts'
import { allReach } from '../berth-tasks.ts'
import { median, polled } from '../measure.ts'
import { balance, defineResponder, healthyTargets, startService } from './balanced-service.ts'

const rounds = 5
const service = 'first'

const scaled = (berth: Berth, desiredCount: number) =>
  berth.ecs.send(new UpdateServiceCommand({ service, desiredCount }))

const tasksOf = async (berth: Berth): Promise<string[]> =>
  (await berth.ecs.send(new ListTasksCommand({ serviceName: service }))).taskArns ?? []

const isServed = (url: string): Promise<boolean> =>
  fetch(url).then(
    async answer => {
      await answer.arrayBuffer()
      return answer.ok
    },
    () => false,
  )

export const firstRequest = async (berth: Berth): Promise<void> => {
  await defineResponder(berth, 'bridge')
  const balanced = await balance(berth, 'first', 'instance')
  await startService(berth, balanced, service, 1)
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    await scaled(berth, 0)
    await polled(async () => (await tasksOf(berth)).length === 0, 50)
    await polled(
      async () => (await healthyTargets(balanced)).length === 0 && !(await isServed(balanced.url)),
      50,
    )
    await scaled(berth, 1)
    await polled(async () => (await tasksOf(berth)).length === 1, 10)
    await allReach(berth, await tasksOf(berth), 'RUNNING', 10)
    const running = performance.now()
    await polled(() => isServed(balanced.url), 5)
    took.push(performance.now() - running)
  }
  console.log(`from RUNNING to the first request served: ${median(took).toFixed(0)} ms`)
}
