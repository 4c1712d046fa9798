import type { Identity } from '@berth/aws-api'
import { scopeKey, scopeOfArn } from '@berth/model'
import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../control-loop/manual-clock.ts'
import { createMemoryJournal } from '../journals/memory-journal.ts'
import { endExecSession, newExecSession } from '../services/ecs/exec-sessions.ts'
import { given } from '../services/ecs/fixtures/rows.ts'
import { ecsTables } from '../services/ecs/index.ts'
import { execSessionReconciler } from '../services/ecs/reconcilers/exec-sessions.ts'
import { endedExecSessions, execSessions, type TaskRow } from '../services/ecs/tables/index.ts'
import type { Call } from '../services/service.ts'
import { createStore, type JournaledStore } from '../store/journaled-store.ts'
import type { Channel } from './channel.ts'
import { ExecRelay } from './exec-relay.ts'

class FakeChannel implements Channel {
  readonly sent: Buffer[] = []
  closed: { code: number; reason: string } | undefined
  isPaused = false
  waiting = 0
  #text: (text: string) => void = () => {}
  #bytes: (bytes: Buffer) => void = () => {}
  #sent: () => void = () => {}
  #close: (code: number, reason: string) => void = () => {}

  send(bytes: Uint8Array): void {
    this.sent.push(Buffer.from(bytes))
  }
  close(code: number, reason: string): void {
    if (this.closed) return
    this.closed = { code, reason }
    this.#close(code, reason)
  }
  pause(): void {
    this.isPaused = true
  }
  resume(): void {
    this.isPaused = false
  }
  onText(listener: (text: string) => void): void {
    this.#text = listener
  }
  onBytes(listener: (bytes: Buffer) => void): void {
    this.#bytes = listener
  }
  onSent(listener: () => void): void {
    this.#sent = listener
  }
  onClose(listener: (code: number, reason: string) => void): void {
    this.#close = listener
  }

  says(bytes: string): void {
    this.#bytes(Buffer.from(bytes))
  }
  opens(token: string, more: object = {}): void {
    this.#text(JSON.stringify({ TokenValue: token, ...more }))
  }
  readsOn(): void {
    this.waiting = 0
    this.#sent()
  }
  get told(): string {
    return Buffer.concat(this.sent).toString('utf8')
  }
}

const aTask = given.task(1)
const [aContainer] = aTask.containers as [TaskRow['containers'][number]]
const someone: Identity = { accountId: '1', arn: 'arn:someone', userId: 'u', accessKeyId: 'a', isRoot: false }

let clock: ManualClock
let store: JournaledStore
let told: { type: string; message: object }[]
let isConnected: boolean
let relay: ExecRelay

const startRelay = (): ExecRelay =>
  new ExecRelay({
    store,
    clock,
    newId: () => '00000000-0000-4000-8000-000000000000',
    tellAgent: (_instance, type, message) => {
      if (isConnected) told.push({ type, message })
      return isConnected
    },
    ownsInstance: identity => identity === someone,
    log: { info: () => undefined },
  })

beforeEach(async () => {
  clock = new ManualClock()
  store = createStore({ ...ecsTables, journal: createMemoryJournal() })
  await store.load()
  told = []
  isConnected = true
  relay = startRelay()
})

let sessions = 0
const allowed = () => {
  const call = {
    randomHex: (bytes: number) => String(++sessions).padStart(bytes * 2, '0'),
    identity: someone,
    request: { sourceAddress: '127.0.0.1' },
    now: clock.now(),
  } as unknown as Call
  const { row, token } = newExecSession({ task: aTask, container: aContainer, command: 'ls' }, call)
  store.update(tx => tx.put(execSessions, row))
  return { id: row.id, token }
}
const settle = async (): Promise<void> => {
  await store.durable()
  await new Promise<void>(resolve => setImmediate(resolve))
}
const connected = async (more: object = {}) => {
  const { id, token } = allowed()
  const client = new FakeChannel()
  relay.openClient(client, id)
  client.opens(token, more)
  await settle()
  return { id, token, client }
}
const ended = async () =>
  (await store.history.read(endedExecSessions, scopeKey(scopeOfArn(aTask.id)))).records

test('the agent is asked for its end, and gets what the client said before', async () => {
  const { id, client } = await connected()
  expect(told).toEqual([
    {
      type: 'BerthExecMessage',
      message: {
        sessionId: id,
        taskArn: aTask.id,
        containerName: 'web',
        command: 'ls',
        isTerminal: true,
        wantsExitCode: false,
      },
    },
  ])
  client.says('early')
  const agent = new FakeChannel()
  relay.openAgent(agent, id, someone)
  client.says(' and late')
  agent.says('answer')
  expect([agent.told, client.told]).toEqual(['early and late', 'answer'])
})

test("a client of Berth's says whether it has a terminal", async () => {
  await connected({ BerthTerminal: false })
  expect(told[0]?.message).toMatchObject({ isTerminal: false, wantsExitCode: true })
})

test('how a command ended is kept with who executed it', async () => {
  const { id, client } = await connected()
  const agent = new FakeChannel()
  relay.openAgent(agent, id, someone)
  agent.close(1000, 'exit 3')
  expect(client.closed?.code).toBe(1000)
  expect(await ended()).toMatchObject([
    { id, owner: 'arn:someone', command: 'ls', exitCode: 3, sourceAddress: '127.0.0.1' },
  ])
  expect(store.get(execSessions, id)).toBeUndefined()
})

test('a client is told why its command never ran', async () => {
  isConnected = false
  const { client } = await connected()
  expect(client.told).toContain('The container agent is not connected.')
  isConnected = true
  const second = await connected()
  clock.advance(10_000)
  expect(second.client.told).toContain('The container agent did not answer.')
})

test('only the instance of the task may open the other end, once', async () => {
  const { id } = await connected()
  const stranger = new FakeChannel()
  relay.openAgent(stranger, id, { ...someone })
  expect(stranger.closed?.code).toBe(1008)
  relay.openAgent(new FakeChannel(), id, someone)
  const second = new FakeChannel()
  relay.openAgent(second, id, someone)
  expect(second.closed?.code).toBe(1008)
})

test('a token opens nothing when it is wrong, used or five minutes old', async () => {
  const refused = async (id: string, token: string): Promise<number | undefined> => {
    const client = new FakeChannel()
    relay.openClient(client, id)
    client.opens(token)
    await settle()
    return client.closed?.code
  }
  const { id, token } = allowed()
  expect(await refused(id, 'guess')).toBe(1008)
  expect(await refused('other', token)).toBe(1008)
  expect(await refused(id, token)).toBeUndefined()
  expect(await refused(id, token)).toBe(1008)
  const old = allowed()
  clock.advance(300_001)
  expect(await refused(old.id, old.token)).toBe(1008)
})

test('a session that somebody terminates ends both of its ends', async () => {
  const { id, client } = await connected()
  const agent = new FakeChannel()
  relay.openAgent(agent, id, someone)
  endExecSession(store, id, { reason: 'The session was terminated.' }, clock.now())
  expect([client.closed?.code, agent.closed?.code]).toEqual([1000, 1000])
  expect(client.told).toContain('The session was terminated.')
  expect(await ended()).toHaveLength(1)
})

test('a client that does not say who it is is sent away', () => {
  const client = new FakeChannel()
  relay.openClient(client, 'any')
  clock.advance(10_000)
  expect(client.closed?.code).toBe(1008)
})

test('a slow reader holds up its writer, and not the server', async () => {
  const { id, client } = await connected()
  const agent = new FakeChannel()
  relay.openAgent(agent, id, someone)
  client.waiting = 2 * 1024 * 1024
  agent.says('much')
  expect(agent.isPaused).toBe(true)
  client.readsOn()
  expect(agent.isPaused).toBe(false)
})

test('a client that says much before the agent is there waits for it', async () => {
  const { id, client } = await connected()
  client.says('x'.repeat(1024 * 1024))
  expect(client.isPaused).toBe(false)
  client.says('more')
  expect(client.isPaused).toBe(true)
  const agent = new FakeChannel()
  relay.openAgent(agent, id, someone)
  agent.readsOn()
  expect([client.isPaused, agent.told.length]).toEqual([false, 1024 * 1024 + 4])
})

test('sessions of an earlier life of the server are over', async () => {
  await connected()
  startRelay()
  expect(await ended()).toMatchObject([{ reason: 'The server was restarted.' }])
})

test('a session whose token was never used ends after five minutes', () => {
  const { id } = allowed()
  const reconcile = () =>
    execSessionReconciler.reconcile(store, id, { now: clock.now(), randomHex: () => '' })
  expect(reconcile()).toMatchObject({ steps: [], wakeAt: clock.now() + 300_001 })
  clock.advance(300_001)
  expect(reconcile().steps.map(({ kind }) => kind)).toEqual(['append', 'delete'])
})
