import { describe, expect, it } from 'vitest'
import { freeFrontAddress, parseFrontAddresses } from './front-addresses.ts'

const poolOf = (text: string) => parseFrontAddresses(text) ?? expect.fail('That is no pool')

describe('the addresses of load balancers', () => {
  it('are those of several blocks, without the first and the last of each', () => {
    const given: string[] = []
    const pool = poolOf('10.0.0.0/30, 10.1.0.8/31')
    for (;;) {
      const next = freeFrontAddress(pool, '00000000', address => given.includes(address))
      if (next === undefined) break
      given.push(next)
    }
    expect(given).toEqual(['10.0.0.1', '10.0.0.2', '10.1.0.8', '10.1.0.9'])
  })

  it('are looked for from where the load balancer says', () => {
    const pool = poolOf('127.10.0.0/16')
    expect(freeFrontAddress(pool, '50dc6c495c0c9188', () => false)).toBe('127.10.73.163')
    expect(freeFrontAddress(pool, '00000001', address => address === '127.10.0.2')).toBe('127.10.0.3')
  })

  it('are none where no block is named, and no pool where one is wrong', () => {
    expect(freeFrontAddress(poolOf(''), 'ff', () => false)).toBeUndefined()
    expect(parseFrontAddresses('127.10.0.0/33')).toBeUndefined()
    expect(parseFrontAddresses('localhost')).toBeUndefined()
  })
})
