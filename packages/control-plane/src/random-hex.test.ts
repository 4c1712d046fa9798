import { expect, it } from 'vitest'
import { createRandomHex } from './random-hex.ts'

it('gives as many random bytes as asked for, and never the same ones again', () => {
  const randomHex = createRandomHex()
  const lengths = [16, 1, 4096, 7, 5000, 16]
  for (const bytes of lengths) expect(randomHex(bytes)).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
  const ids = Array.from({ length: 2000 }, () => randomHex(16))
  expect(new Set(ids).size).toBe(ids.length)
})
