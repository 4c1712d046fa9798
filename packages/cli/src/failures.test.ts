import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { ClientException } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { isFaultOfTheWorld } from './failures.ts'

const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    error => error,
  )

it('tells what a person can mend from what is wrong in Berth', async () => {
  const faults = [
    new ClientException({ message: 'no', $metadata: {} }),
    await failureOf(readFile('/nowhere/at/all')),
    await failureOf(promisify(execFile)('/bin/sh', ['-c', 'exit 3'])),
    new DOMException('It took too long.', 'TimeoutError'),
  ]
  expect(faults.map(isFaultOfTheWorld)).toEqual([true, true, true, true])
  expect([new TypeError('x is undefined'), new Error('?'), 'text'].map(isFaultOfTheWorld)).toEqual([
    false,
    false,
    false,
  ])
})
