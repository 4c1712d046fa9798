import { describe, expect, it } from 'vitest'
import { issueAt } from './issuance.ts'
import type { CertificateRow } from './tables/index.ts'

const dayMs = 86_400_000

/** Issued at 0. */
const livingFor = (days: number, change: Partial<CertificateRow> = {}): CertificateRow =>
  ({
    id: 'arn:aws:acm:us-east-1:111122223333:certificate/1',
    status: 'ISSUED',
    request: {},
    material: { notBefore: 0, notAfter: days * dayMs },
    ...change,
  }) as CertificateRow

describe('a certificate that is used is renewed', () => {
  it.each([
    [198, 138],
    [90, 60],
    [45, 30],
    [6, 4],
  ])('of %i days after %i days', (days, after) => {
    expect(issueAt(livingFor(days), true)).toBe(after * dayMs)
  })

  it('a day after that has failed', () => {
    const renewal = { status: 'FAILED', updatedAt: 61 * dayMs } as const
    expect(issueAt(livingFor(90, { renewal }), true)).toBe(62 * dayMs)
  })
})

it('is not renewed where nobody uses it', () => {
  expect(issueAt(livingFor(90), false)).toBeUndefined()
})
