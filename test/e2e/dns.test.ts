/** The resolver of a host, asked in a network namespace of its own, as several agents of one machine have one address. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NameFact } from '@berth/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSqliteStateStore } from '../../packages/agent/src/state/sqlite-state-store.ts'
import { eventually, freePort } from './berth.ts'
import { end, NetworkNamespace } from './network-namespace.ts'

const agentProgram = join(import.meta.dirname, '../../packages/agent/src/main.ts')
const nameServerProgram = join(import.meta.dirname, 'programs/name-server.ts')
const dataDirectory = mkdtempSync(join(tmpdir(), 'berth-dns-'))
let namespace: NetworkNamespace

const ask = (...questions: string[]): Promise<unknown[]> => namespace.ask({}, 'ask-resolver.ts', ...questions)

/** No control plane is ever there: the agent goes by what it was told in an earlier life. */
const startAgent = async (): Promise<ChildProcess> => {
  const agent = namespace.start(
    {
      BERTH_AGENT_DATA_DIR: dataDirectory,
      BERTH_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      BERTH_LOG_LEVEL: 'error',
      AWS_ACCESS_KEY_ID: 'AKIANOBODY',
      AWS_SECRET_ACCESS_KEY: 'nothing',
    },
    agentProgram,
  )
  agent.stdout?.resume()
  await eventually('the resolver answers', async () =>
    JSON.stringify(await ask('A web.berth.internal')).includes('127.10.0.1'),
  )
  return agent
}

const facts: NameFact[] = [
  { key: 'name/berth.internal/ZONE', name: 'berth.internal', type: 'ZONE', ttl: 60, values: [] },
  {
    key: 'name/web.berth.internal/A',
    name: 'web.berth.internal',
    type: 'A',
    ttl: 60,
    values: ['127.10.0.1'],
  },
  {
    key: 'name/many.berth.internal/A',
    name: 'many.berth.internal',
    type: 'A',
    ttl: 60,
    values: Array.from({ length: 200 }, (_, index) => `10.0.0.${index}`),
  },
]

const startOthers = async (address: string): Promise<ChildProcess> => {
  const server = namespace.start({}, nameServerProgram, address)
  if (server.stdout) await once(server.stdout, 'data')
  return server
}

let agent: ChildProcess
let others: ChildProcess
beforeAll(async () => {
  namespace = await NetworkNamespace.make(`berth-dns-${process.pid}`, 'nameserver 127.0.0.1\n')
  const store = createSqliteStateStore(dataDirectory, error => {
    throw error
  })
  store.changeFacts('names', { changed: facts, gone: [] })
  await store.flushed()
  store.close()
  others = await startOthers('127.0.0.1')
  agent = await startAgent()
})
afterAll(async () => {
  await namespace.remove()
  rmSync(dataDirectory, { recursive: true, force: true })
})

describe('the resolver of a host', () => {
  it('answers for names that the agent knows, without any control plane', async () => {
    expect(
      await ask(
        'A web.berth.internal',
        'A WEB.Berth.Internal',
        'A gone.berth.internal',
        'AAAA web.berth.internal',
      ),
    ).toEqual([
      [{ address: '127.10.0.1', ttl: 60 }],
      [{ address: '127.10.0.1', ttl: 60 }],
      'ENOTFOUND',
      'ENODATA',
    ])
  })

  it('answers by TCP what is too long for a datagram', async () => {
    expect(await ask('count many.berth.internal')).toEqual([200])
  })

  it("asks the host's own name servers for the rest", async () => {
    expect(await ask('A example.com')).toEqual([[{ address: '192.0.2.7', ttl: 9 }]])
  })

  it('lives on after packets that are none', async () => {
    const pointsAtItself = '000101000001000000000000c00c00010001'
    const countsOfNothing = '00020100ffffffffffffffff'
    expect(
      await ask(
        `raw ${pointsAtItself}`,
        `raw ${countsOfNothing}`,
        'raw ff',
        'raw 000381800001000000000000',
        'A web.berth.internal',
      ),
    ).toEqual([
      '000181810000000000000000',
      '000281810000000000000000',
      null,
      null,
      [{ address: '127.10.0.1', ttl: 60 }],
    ])
  })

  it('answers again once the agent was killed and started anew', async () => {
    await end(agent, 'SIGKILL')
    agent = await startAgent()
    expect(await ask('A web.berth.internal')).toEqual([[{ address: '127.10.0.1', ttl: 60 }]])
  })

  it('answers where another program has port 53 of every address', async () => {
    await Promise.all([end(agent, 'SIGKILL'), end(others, 'SIGKILL')])
    others = await startOthers('0.0.0.0')
    agent = await startAgent()
    expect(await ask('A web.berth.internal', 'count many.berth.internal', 'A example.com')).toEqual([
      [{ address: '127.10.0.1', ttl: 60 }],
      200,
      [{ address: '192.0.2.7', ttl: 9 }],
    ])
  })
})
