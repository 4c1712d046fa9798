import { expect, it } from 'vitest'
import { errorFromAnswer } from './errors.ts'

const answer = (status: number, message: string) => errorFromAnswer(status, JSON.stringify({ message }))

it('takes an engine without its containerd for one that is away, so that what was asked is tried again', () => {
  for (const message of [
    'connection error: desc = "transport: Error while dialing dial unix /var/run/docker/containerd/containerd.sock: connect: connection refused": unavailable',
    'transport is closing: unavailable',
  ])
    expect(answer(500, message)).toMatchObject({ code: 'unreachable', retryable: true })
})

it('takes other answers for what they are', () => {
  expect(answer(500, 'the volume plugin is unavailable')).toMatchObject({ code: 'failed', retryable: false })
  expect(answer(404, 'No such container: x')).toMatchObject({ code: 'noSuchContainer', retryable: false })
  expect(answer(409, 'container x is not running')).toMatchObject({ code: 'notRunning' })
})
