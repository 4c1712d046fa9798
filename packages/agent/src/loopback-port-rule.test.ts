import { expect, it } from 'vitest'
import { ensurePortRule } from './loopback-port-rule.ts'

const rule = {
  table: 'berth-task-endpoints',
  address: '169.254.170.2',
  protocols: ['tcp'],
  from: 80,
  to: 51_679,
} as const

it('writes the rule when it is not there whole, and leaves it alone when it is', async () => {
  const written: string[] = []
  let table = ''
  const run = async (_program: string, [verb]: readonly string[], input = ''): Promise<string> => {
    if (verb === 'list') return table
    written.push(input)
    table = input
    return ''
  }
  await ensurePortRule(run, rule)
  expect(written).toHaveLength(1)
  expect(written[0]).toContain('ip daddr 169.254.170.2 tcp dport 80 dnat to 169.254.170.2:51679')
  await ensurePortRule(run, rule)
  expect(written).toHaveLength(1)
  table = 'table ip berth-task-endpoints { }'
  await ensurePortRule(run, rule)
  expect(written).toHaveLength(2)
})
