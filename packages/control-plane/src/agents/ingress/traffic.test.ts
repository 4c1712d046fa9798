import { describe, expect, it } from 'vitest'
import { TrafficTotals } from './traffic.ts'

const report = (targetGroupArn: string, requests: number, responseTimeMax: number) => ({
  loadBalancerArn: 'balancer',
  targetGroupArn,
  requests,
  answers2xx: requests,
  answers3xx: 0,
  answers4xx: 0,
  answers5xx: 0,
  connectionErrors: 0,
  responseTimeSum: requests / 10,
  responseTimeMax,
  newConnections: 1,
  processedBytes: 100,
})

describe('what has gone through load balancers', () => {
  it('is added up by target group, and of the longest answer the longest is kept', () => {
    const traffic = new TrafficTotals(() => true)
    traffic.add({ targetGroups: [report('blue', 10, 0.5), report('green', 1, 2)] })
    traffic.add({ targetGroups: [report('blue', 20, 0.1)] })
    expect(traffic.all()).toEqual([
      { ...report('blue', 30, 0.5), newConnections: 2, processedBytes: 200 },
      report('green', 1, 2),
    ])
  })

  it('is kept of target groups that are there alone, and what is no report is left out', () => {
    const known = new Set(['blue'])
    const traffic = new TrafficTotals(arn => known.has(arn))
    const negative = { ...report('blue', 1, 1), requests: -1 }
    traffic.add({ targetGroups: [report('blue', 1, 1), report('green', 1, 1), negative, 'nonsense'] })
    traffic.add('nonsense')
    expect(traffic.all()).toHaveLength(1)
    known.clear()
    expect(traffic.all()).toEqual([])
  })
})
