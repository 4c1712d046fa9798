/** The names of load balancers, from the API to the resolver of a host: a control plane and an agent in a network namespace. */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tagOf } from '../../packages/agent/src/network/index.ts'
import { eventually, freePort, region, root } from './berth.ts'
import { end, NetworkNamespace } from './network-namespace.ts'

const packages = join(import.meta.dirname, '../../packages')
const dataDirectory = mkdtempSync(join(tmpdir(), 'berth-names-'))
const credentials = {
  AWS_ACCESS_KEY_ID: root.accessKeyId,
  AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
  AWS_REGION: region,
}
let namespace: NetworkNamespace
let server: ChildProcess
let endpoint: string

const ask = (...questions: string[]): Promise<unknown[]> => namespace.ask({}, 'ask-resolver.ts', ...questions)

/** The networks that the agent has made. */
const networksOf = (agentDirectory: string): string[] =>
  readdirSync('/run/netns').filter(name => name.startsWith(`berth-${tagOf(agentDirectory)}-`))

beforeAll(async () => {
  namespace = await NetworkNamespace.make(`berth-names-${process.pid}`, '')
  const port = await freePort()
  endpoint = `http://127.0.0.1:${port}`
  server = namespace.start(
    {
      BERTH_PORT: String(port),
      BERTH_DATA_DIR: join(dataDirectory, 'server'),
      BERTH_LOG_LEVEL: 'error',
      BERTH_ROOT_ACCESS_KEY_ID: root.accessKeyId,
      BERTH_ROOT_SECRET_ACCESS_KEY: root.secretAccessKey,
    },
    join(packages, 'control-plane/src/main.ts'),
  )
  server.stdout?.resume()
  namespace
    .start(
      {
        ...credentials,
        BERTH_ENDPOINT: endpoint,
        BERTH_AGENT_DATA_DIR: join(dataDirectory, 'agent'),
        BERTH_INGRESS: 'true',
        BERTH_LOG_LEVEL: 'error',
      },
      join(packages, 'agent/src/main.ts'),
    )
    .stdout?.resume()
})
afterAll(async () => {
  await namespace.remove()
  for (const name of networksOf(join(dataDirectory, 'agent'))) execFileSync('ip', ['netns', 'delete', name])
  rmSync(dataDirectory, { recursive: true, force: true })
})

it('lead to the load balancers, also while the control plane is away', async () => {
  const settings = { ...credentials, AWS_ENDPOINT_URL: endpoint }
  const name = await namespace.ask<string>(settings, 'make-load-balancer.ts')
  expect(name).toMatch(/^web-\d{10}\.us-east-1\.elb\.berth\.internal$/)
  const [address] = await eventually('the name leads somewhere', async () => {
    const [found] = await ask(`A ${name}`)
    return Array.isArray(found) && found
  })
  expect(address).toEqual({ address: expect.stringMatching(/^127\.10\./), ttl: 60 })
  await eventually('the load balancer answers', async () => (await ask(`http ${name}`))[0] === 'hello')
  await end(server, 'SIGKILL')
  expect(await ask(`A ${name}`, `http ${name}`, 'A other.elb.berth.internal')).toEqual([
    [address],
    'hello',
    'ENOTFOUND',
  ])
})
