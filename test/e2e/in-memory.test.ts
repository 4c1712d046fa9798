/** `berth server --in-memory`, for people's own test suites. No Docker, no disk. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateClusterCommand,
  ECSClient,
  ListClustersCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, freePort, root } from './berth.ts'

const berth = join(import.meta.dirname, '../../berth')
const anybody = { accessKeyId: 'anybody', secretAccessKey: 'anything' }

describe('a server in memory', () => {
  let dataDir: string
  let port: number
  let server: ChildProcess | undefined
  let output = ''
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'berth-e2e-memory-'))
    port = await freePort()
    output = ''
  })
  afterEach(async () => {
    if (server !== undefined && server.exitCode === null) await end()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const end = async (): Promise<number | null> => {
    const exited = once(server as ChildProcess, 'exit')
    server?.kill('SIGTERM')
    return (await exited)[0]
  }
  const run = (...flags: string[]): ChildProcess => {
    const { PATH, HOME } = process.env
    server = spawn(
      berth,
      ['server', '--in-memory', '--port', String(port), '--data-dir', dataDir, ...flags],
      {
        env: {
          PATH,
          HOME,
          DOCKER_HOST: 'unix:///nonexistent',
          BERTH_ROOT_ACCESS_KEY_ID: root.accessKeyId,
          BERTH_ROOT_SECRET_ACCESS_KEY: root.secretAccessKey,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    for (const stream of [server.stdout, server.stderr])
      stream?.on('data', chunk => {
        output += chunk
      })
    return server
  }
  const start = async (...flags: string[]): Promise<void> => {
    const { exitCode } = run(...flags)
    await eventually('the server answers', async () => {
      if (exitCode !== null) throw new Error(output)
      return fetch(`${endpoint()}/_berth/health`).then(
        response => response.ok,
        () => false,
      )
    })
  }
  const endpoint = (): string => `http://127.0.0.1:${port}`
  const client = (credentials = root): ECSClient =>
    new ECSClient({ endpoint: endpoint(), region: 'us-east-1', credentials, maxAttempts: 1 })

  it('forgets everything on POST /_berth/reset, answers again at once, and leaves nothing on disk', async () => {
    await start()
    const ecs = client()
    await ecs.send(new CreateClusterCommand({ clusterName: 'kept-in-memory' }))
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toHaveLength(1)
    expect((await fetch(`${endpoint()}/_berth/reset`)).ok).toBe(false)
    for (let round = 0; round < 3; round++) {
      expect((await fetch(`${endpoint()}/_berth/reset`, { method: 'POST' })).status).toBe(200)
      expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([])
      await ecs.send(new CreateClusterCommand({}))
      const { taskDefinition } = await ecs.send(
        new RegisterTaskDefinitionCommand({
          family: 'web',
          containerDefinitions: [{ name: 'main', image: 'any', memory: 16 }],
        }),
      )
      expect(taskDefinition?.revision).toBe(1)
      await expect(ecs.send(new RunTaskCommand({ taskDefinition: 'web' }))).rejects.toMatchObject({
        message: 'No Container Instances were found in your cluster.',
      })
    }
    expect(await end()).toBe(0)
    expect(existsSync(dataDir) ? readdirSync(dataDir) : []).toEqual([])
  })

  it('takes the root’s key only, unless it is told to take any', async () => {
    await start()
    await expect(client(anybody).send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
    expect((await client().send(new ListClustersCommand({}))).clusterArns).toEqual([])
  })

  it('takes anybody for the root of the account with --insecure-any-credentials, and warns of it', async () => {
    await start('--insecure-any-credentials')
    expect(output).toMatch(/WARNING: --insecure-any-credentials/)
    const sts = new STSClient({ endpoint: endpoint(), region: 'eu-west-3', credentials: anybody })
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
    })
    await client(anybody).send(new CreateClusterCommand({}))
    expect((await fetch(`${endpoint()}/_berth/reset`, { method: 'POST' })).status).toBe(200)
    expect((await client(anybody).send(new ListClustersCommand({}))).clusterArns).toEqual([])
  })

  it('refuses --insecure-any-credentials on any other address than loopback', async () => {
    const [code] = await once(run('--insecure-any-credentials', '--host', '0.0.0.0'), 'exit')
    expect(code).toBe(1)
    expect(output).toContain('--insecure-any-credentials works on loopback only, and the host is 0.0.0.0.')
  })
})
