import { expect, it } from 'vitest'
import { isListenedOn } from './loopback-address.ts'

const socketTable = (...rows: string[]): string =>
  ['  sl  local_address rem_address   st tx_queue', ...rows.map((row, index) => `   ${index}: ${row}`)].join(
    '\n',
  )

it('keeps the address as long as any agent listens on it', () => {
  const address = '169.254.170.2'
  expect(isListenedOn(socketTable('02AAFEA9:C9DF 00000000:0000 0A 00000000:00000000'), address)).toBe(true)
  // An established connection, another program on every address, and another address.
  expect(isListenedOn(socketTable('02AAFEA9:C9DF 020011AC:8A12 01 00000000:00000000'), address)).toBe(false)
  expect(isListenedOn(socketTable('00000000:0050 00000000:0000 0A 00000000:00000000'), address)).toBe(false)
  expect(isListenedOn(socketTable('35AAFEA9:0035 00000000:0000 0A 00000000:00000000'), address)).toBe(false)
})
