import { describe, expect, it } from 'vitest'
import { groupFact } from './ingress-fixtures.ts'
import type { ServerRow } from './server-rows.ts'
import { targetHealth } from './target-health.ts'

const row = (status: string, checkStatus: string, checkCode = ''): ServerRow => ({
  section: 's',
  server: 'host1',
  status,
  checkStatus,
  checkCode,
  currentSessions: 0,
  totalSessions: 0,
  bytesIn: 0,
  bytesOut: 0,
  connectionErrors: 0,
  answers: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
  requests: 0,
  meanResponseMs: 0,
  longestResponseMs: 0,
})

const group = groupFact('blue')
const proven = { isDraining: false, unprovenSince: undefined }
/** The group's checks: two failures, 30 s apart. */
const late = 60_000

describe('the health of a target', () => {
  it.each([
    [row('UP', 'L7OK', '200'), 'healthy', undefined],
    [row('UP 1/2', 'L7STS', '500'), 'healthy', undefined],
    [row('DOWN', 'L7STS', '500'), 'unhealthy', 'Target.ResponseCodeMismatch'],
    [row('DOWN', 'L4TOUT'), 'unhealthy', 'Target.Timeout'],
    [row('DOWN', 'L7TOUT'), 'unhealthy', 'Target.Timeout'],
    [row('DOWN', 'L4CON'), 'unhealthy', 'Target.FailedHealthChecks'],
    [row('DOWN 1/5', 'L7OK', '200'), 'unhealthy', 'Target.FailedHealthChecks'],
    [row('DOWN', 'INI'), 'initial', 'Elb.InitialHealthChecking'],
    [row('UP', 'INI'), 'healthy', undefined],
  ])('is what its checks said: $0.status $0.checkStatus', (seen, state, reason) => {
    expect(targetHealth(group, seen, proven, 0)).toMatchObject({ state, ...(reason && { reason }) })
  })

  it('is initial until the first check passes, or as many failed as make it unhealthy', () => {
    const unproven = { isDraining: false, unprovenSince: 0 }
    const failed = row('DOWN', 'L4CON')
    expect(targetHealth(group, failed, unproven, late - 1)).toMatchObject({ state: 'initial' })
    expect(targetHealth(group, failed, unproven, late)).toMatchObject({ state: 'unhealthy' })
  })

  it('says no more than that checks fail, of a network load balancer', () => {
    const tcp = groupFact('blue', { protocol: 'TCP' })
    expect(targetHealth(tcp, row('DOWN', 'L4TOUT'), proven, 0)).toEqual({
      state: 'unhealthy',
      reason: 'Target.FailedHealthChecks',
      description: 'Health checks failed',
    })
  })
})
