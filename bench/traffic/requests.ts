/** Requests a second through a load balancer of Berth's, beside HAProxy with a configuration written by hand. */
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import type { Berth } from '../../test/e2e/berth.ts'
import { median } from '../measure.ts'
import { balance, defineResponder, healthyTargets, startService } from './balanced-service.ts'
import { BareHaproxy } from './bare-haproxy.ts'
import { type LoadResult, wrk } from './wrk.ts'

const rounds = 7
const seconds = 4

const told = (results: readonly LoadResult[]): string => {
  const rate = median(results.map(result => result.requestsPerSecond))
  const p99 = median(results.map(result => result.p99))
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  return `${rate.toFixed(0)} requests/s, p99 ${p99.toFixed(1)} ms, ${failed} failed`
}

/** As Berth's load balancer reaches it: by loopback a program of the engine would stand between. */
const addressOf = async (berth: Berth, instanceId: string): Promise<string> => {
  const { Reservations } = await new EC2Client(berth.clientSettings).send(
    new DescribeInstancesCommand({ InstanceIds: [instanceId] }),
  )
  return Reservations?.[0]?.Instances?.[0]?.PrivateIpAddress ?? ''
}

export const requests = async (berth: Berth): Promise<void> => {
  await defineResponder(berth, 'bridge')
  const balanced = await balance(berth, 'requests', 'instance')
  await startService(berth, balanced, 'requests', 2)
  const targets = await healthyTargets(balanced)
  const host = await addressOf(berth, targets[0]?.Target?.Id ?? '')
  const bare = await BareHaproxy.start(targets.map(({ Target }) => `${host}:${Target?.Port}`))
  try {
    const [ours, theirs]: [LoadResult[], LoadResult[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      ours.push(await wrk(balanced.url, seconds))
      theirs.push(await wrk(bare.url, seconds))
    }
    const ratio =
      median(ours.map(result => result.requestsPerSecond)) /
      median(theirs.map(result => result.requestsPerSecond))
    console.log(`Berth: ${told(ours)}\nbare HAProxy: ${told(theirs)}\n${ratio.toFixed(2)} × of the bare one`)
  } finally {
    await bare.stop()
  }
}
