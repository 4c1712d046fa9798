import { expect, it } from 'vitest'
import { ensureRule, isListenedOn } from './link-local-address.ts'

const socketTable = (...rows: string[]): string =>
  ['  sl  local_address rem_address   st tx_queue', ...rows.map((row, index) => `   ${index}: ${row}`)].join(
    '\n',
  )

it('keeps the address as long as any agent listens on it', () => {
  expect(isListenedOn(socketTable('02AAFEA9:C9DF 00000000:0000 0A 00000000:00000000'))).toBe(true)
  // An established connection, and another program on every address.
  expect(isListenedOn(socketTable('02AAFEA9:C9DF 020011AC:8A12 01 00000000:00000000'))).toBe(false)
  expect(isListenedOn(socketTable('00000000:0050 00000000:0000 0A 00000000:00000000'))).toBe(false)
})

it('writes the rule when it is not there whole, and leaves it alone when it is', async () => {
  const written: string[] = []
  let table = ''
  const run = async (_program: string, [verb]: readonly string[], input = ''): Promise<string> => {
    if (verb === 'list') return table
    written.push(input)
    table = input
    return ''
  }
  await ensureRule(run)
  expect(written).toHaveLength(1)
  expect(written[0]).toContain('ip daddr 169.254.170.2 tcp dport 80 dnat to 169.254.170.2:51679')
  await ensureRule(run)
  expect(written).toHaveLength(1)
  table = 'table ip berth-task-endpoints { }'
  await ensureRule(run)
  expect(written).toHaveLength(2)
})
