import { MessageStream, payloadType } from '@berth/aws-api'
import { expect, it } from 'vitest'
import { createManualClock } from '../clock.ts'
import type { ExecProcess } from '../engine/engine.ts'
import { FakeEngine } from '../engine/fake-engine.ts'
import { ExecSession } from './exec-session.ts'

/** A session, its client, and the commands that the engine was given. */
const startSession = (exec: () => Promise<ExecProcess>) => {
  const clock = createManualClock()
  const engine = new FakeEngine({ clock })
  let begun = 0
  engine.exec = () => {
    begun += 1
    return exec()
  }
  const failures: unknown[] = []
  const closed: string[] = []
  const ends = {
    now: () => clock.now(),
    after: (delayMs: number, run: () => void) => clock.after(delayMs, run),
    newId: () => '6f1ed002-ab2e-4c43-a8b8-4b1a6e2b8a11',
    received: () => {},
    closed: () => {},
  }
  const session = new ExecSession({
    message: {
      sessionId: 'ecs-execute-command-1',
      taskArn: 'task',
      containerName: 'app',
      command: 'sh',
      isTerminal: true,
      wantsExitCode: false,
    },
    runtimeId: 'runtime-1',
    engine,
    ...ends,
    clock,
    line: { send: bytes => client.handle(Buffer.from(bytes)), close: reason => void closed.push(reason) },
    agentVersion: '1',
    failed: error => void failures.push(error),
  })
  const client = new MessageStream({
    ...ends,
    sends: 'input_stream_data',
    transmit: bytes => session.handle(Buffer.from(bytes)),
  })
  return { session, client, clock, failures, closed, begun: () => begun }
}

const shakeHands = (client: MessageStream) => client.send(payloadType.handshakeResponse, Buffer.from('{}'))

const processThat = (members: Partial<ExecProcess>): ExecProcess => ({
  onOutput: () => {},
  write: () => {},
  endInput: () => {},
  resize: () => Promise.resolve(),
  pause: () => {},
  resume: () => {},
  kill: () => Promise.resolve(),
  exited: new Promise(() => {}),
  ...members,
})

it('begins one command, however often its client answers the handshake', async () => {
  const { session, client, clock, begun } = startSession(() => Promise.resolve(processThat({})))
  session.start()
  shakeHands(client)
  shakeHands(client)
  await clock.advance(0)
  expect(begun()).toBe(1)
})

it('tells that a command cannot be ended, and goes on, when its client or the engine is gone', async () => {
  const kill = () => Promise.reject(new Error('no such process'))
  const away = processThat({ kill, exited: Promise.reject(new Error('the engine is away')) })
  const { session, client, clock, failures, closed } = startSession(() => Promise.resolve(away))
  session.start()
  shakeHands(client)
  await clock.advance(0)
  session.closed()
  await clock.advance(0)
  expect(closed).toEqual(['the engine is away'])
  expect(failures.map(String)).toEqual(['Error: no such process'])
})

it('ends a command whose client went while it was begun', async () => {
  const begun = Promise.withResolvers<ExecProcess>()
  let kills = 0
  const { session, client, clock } = startSession(() => begun.promise)
  session.start()
  shakeHands(client)
  session.closed()
  begun.resolve(processThat({ kill: async () => void kills++ }))
  await clock.advance(0)
  expect(kills).toBe(1)
})
