import { expect, it } from 'vitest'
import { problemOf } from './problem.ts'

const type = (name: string) => `urn:ietf:params:acme:error:${name}`

it('names what an authority refuses, without its prefix', () => {
  expect(problemOf({ type: type('caa'), detail: 'forbidden' })).toMatchObject({
    ...{ type: 'caa', message: 'forbidden', retryAfterMs: 0 },
  })
})

it('goes by the first of several', () => {
  const subproblems = [{ type: type('rejectedIdentifier'), detail: 'no' }, { type: type('caa') }]
  expect(problemOf({ type: type('compound'), subproblems }, 5_000)).toMatchObject({
    ...{ type: 'rejectedIdentifier', message: 'no', retryAfterMs: 5_000 },
  })
})
