import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type ECSClient,
  paginateListTaskDefinitions,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, root } from './berth.ts'
import { ServerProcess, type ServerSettings } from './server-process.ts'

const run = promisify(execFile)

let settings: ServerSettings
let server: ServerProcess
beforeAll(async () => {
  settings = { port: await freePort(), dataDir: mkdtempSync(join(tmpdir(), 'berth-clients-')) }
  server = await ServerProcess.start(settings)
})
afterAll(async () => {
  await server?.end()
  rmSync(settings.dataDir, { recursive: true, force: true })
})

const keys = { AWS_ACCESS_KEY_ID: root.accessKeyId, AWS_SECRET_ACCESS_KEY: root.secretAccessKey }

/** Debian's `aws`, as a user of Berth calls it: keys and region in the environment, the endpoint by flag. */
const aws = async (args: readonly string[], environment: Record<string, string> = {}): Promise<string> => {
  const { stdout } = await run('/usr/bin/aws', ['--endpoint-url', server.endpoint, ...args], {
    env: {
      PATH: '/usr/bin:/bin',
      HOME: settings.dataDir,
      AWS_DEFAULT_REGION: 'us-east-1',
      ...keys,
      ...environment,
    },
  })
  return stdout.trim()
}

/** The exit code and the last line of what it prints. */
const failure = async (...call: Parameters<typeof aws>): Promise<[number, string]> =>
  aws(...call).then(
    answer => [0, answer],
    ({ code, stderr }: { code: number; stderr: string }) => [code, stderr.trim().split('\n').at(-1) ?? ''],
  )

describe("Debian's aws", () => {
  it('knows who it is', async () => {
    expect(JSON.parse(await aws(['sts', 'get-caller-identity']))).toEqual({
      UserId: '000000000000',
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
    })
  })

  it('makes, lists, tags and deletes what ECS has', async () => {
    const query = (...args: string[]) => aws([...args, '--output', 'text'])
    expect(await query('ecs', 'create-cluster', '--cluster-name', 'blue', '--query', 'cluster.status')).toBe(
      'ACTIVE',
    )
    const definition = '[{"name":"main","image":"none","memory":16}]'
    const register = [
      'ecs',
      'register-task-definition',
      '--family',
      'blue',
      '--container-definitions',
      definition,
    ]
    expect(await query(...register, '--query', 'taskDefinition.revision')).toBe('1')
    const create = [
      'ecs',
      'create-service',
      '--cluster',
      'blue',
      '--service-name',
      'web',
      '--task-definition',
      'blue',
    ]
    const arn = await query(...create, '--desired-count', '0', '--query', 'service.serviceArn')
    expect(arn).toBe('arn:aws:ecs:us-east-1:000000000000:service/blue/web')
    await aws(['ecs', 'wait', 'services-stable', '--cluster', 'blue', '--services', 'web'])
    await aws(['ecs', 'tag-resource', '--resource-arn', arn, '--tags', 'key=team,value=shop'])
    expect(
      await query('ecs', 'list-tags-for-resource', '--resource-arn', arn, '--query', 'tags[].value'),
    ).toBe('shop')
    await aws(['ecs', 'delete-service', '--cluster', 'blue', '--service', 'web'])
    await aws(['ecs', 'wait', 'services-inactive', '--cluster', 'blue', '--services', 'web'])
    expect(await query('ecs', 'delete-cluster', '--cluster', 'blue', '--query', 'cluster.status')).toBe(
      'INACTIVE',
    )
  })

  it('puts and tails logs', async () => {
    const [group, stream] = [
      ['--log-group-name', '/blue'],
      ['--log-stream-name', 'one'],
    ] as const
    await aws(['logs', 'create-log-group', ...group])
    await aws(['logs', 'create-log-stream', ...group, ...stream])
    const events = `timestamp=${Date.now()},message=hello`
    await aws(['logs', 'put-log-events', ...group, ...stream, '--log-events', events])
    expect(await aws(['logs', 'tail', '/blue'])).toMatch(/ one hello$/)
    await aws(['logs', 'delete-log-group', ...group])
  })

  it('tells what was refused, and why', async () => {
    expect(await failure(['ecs', 'list-services', '--cluster', 'none'])).toEqual([
      254,
      'An error occurred (ClusterNotFoundException) when calling the ListServices operation: Cluster not found.',
    ])
    expect(await failure(['ecs', 'list-clusters'], { AWS_DEFAULT_REGION: 'eu-west-1' })).toEqual([
      254,
      "An error occurred (InvalidSignatureException) when calling the ListClusters operation: Credential should be scoped to a valid region, not 'eu-west-1'. This Berth serves us-east-1.",
    ])
    expect(await failure(['ecs', 'list-clusters'], { AWS_ACCESS_KEY_ID: 'AKIASTRANGER' })).toEqual([
      254,
      'An error occurred (UnrecognizedClientException) when calling the ListClusters operation: The security token included in the request is invalid.',
    ])
    expect(await failure(['s3', 'ls'])).toEqual([254, expect.stringContaining('GET / names no operation')])
    expect(await failure(['batch', 'describe-job-queues'])).toEqual([
      254,
      expect.stringContaining('POST /v1/describejobqueues names no operation'),
    ])
    expect(await failure(['dynamodb', 'list-tables'])).toEqual([
      254,
      expect.stringContaining('An error occurred (UnknownOperationException)'),
    ])
  })
})

describe("the SDK's client", () => {
  it('finds Berth by the environment alone', async () => {
    const program = `
      import { ECS } from '@aws-sdk/client-ecs'
      const ecs = new ECS({})
      const { cluster } = await ecs.createCluster({ clusterName: 'by-environment' })
      process.stdout.write(cluster.clusterArn)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...keys, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: server.endpoint, HOME: settings.dataDir },
    })
    expect(stdout).toBe('arn:aws:ecs:us-east-1:000000000000:cluster/by-environment')
  })

  it('turns pages', async () => {
    const client: ECSClient = server.ecs()
    const containerDefinitions = [{ name: 'main', image: 'none', memory: 16 }]
    for (let n = 0; n < 12; n++)
      await client.send(new RegisterTaskDefinitionCommand({ family: 'pages', containerDefinitions }))
    const revisions: string[] = []
    for await (const page of paginateListTaskDefinitions({ client, pageSize: 5 }, { familyPrefix: 'pages' }))
      revisions.push(...(page.taskDefinitionArns ?? []))
    expect(revisions).toHaveLength(12)
    expect(new Set(revisions).size).toBe(12)
    expect(revisions.at(-1)).toMatch(/pages:12$/)
  })
})
