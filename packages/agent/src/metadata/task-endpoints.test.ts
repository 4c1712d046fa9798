import { ECSClient } from '@aws-sdk/client-ecs'
import type { PayloadCredentials, PayloadTask } from '@berth/model'
import { beforeEach, describe, expect, it } from 'vitest'
import { container, payload, startTestHost, type TestHost } from '../tasks/tasks-fixtures.ts'
import { createEndpointIds } from './endpoint-ids.ts'
import { endpointVariablesResource } from './environment.ts'
import { createRateLimit } from './rate-limit.ts'
import { createSources } from './sources.ts'
import { createStatistics } from './statistics.ts'
import { answerRequest, type EndpointRequest, type TaskEndpointsOptions } from './task-endpoints.ts'

const ids = createEndpointIds('00'.repeat(32))
const id = (digit: number): string => String(digit).repeat(32)
const withRole = { definition: { taskRoleArn: 'arn:aws:iam::000000000000:role/reader' } }
const credentials: PayloadCredentials = {
  credentialsId: 'c',
  roleArn: withRole.definition.taskRoleArn,
  accessKeyId: 'ASIA',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  expiration: '2026-11-20T18:00:00.000Z',
}

let host: TestHost
let options: TaskEndpointsOptions
beforeEach(async () => {
  const origin = 'http://169.254.170.2'
  host = await startTestHost({ resources: [endpointVariablesResource({ ids, origin })] })
  options = {
    engine: host.engine,
    ids,
    sources: createSources(host.engine, address =>
      address === '169.254.172.1' ? { fact: { interfaceId: 'eni-1' } } : undefined,
    ),
    statistics: createStatistics(host.engine, host.clock),
    rateLimit: createRateLimit({ perSecond: 40, burst: 60 }),
    faults: { answer: async () => undefined },
    now: () => host.clock.now(),
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    cluster: 'default',
    availabilityZone: 'us-east-1a',
    ecs: new ECSClient({ region: 'us-east-1' }),
    tasks: () => host.tasks.all(),
    credentials: () => ({ role: credentials }),
    containerInstanceArn: () => 'instance-1',
  }
  await host.give(payload(id(1), [container('app')], withRole), payload(id(2)))
  await host.give(payload(id(3), [container('app')], { ...withRole, networkMode: 'host' }))
})

/** What the container was told when it was created. */
const variable = (number: number, name: string): string => {
  const found = host.engine.containers.get(`fake-${number}`)?.spec.environment[name]
  if (found === undefined) throw new Error(`no ${name}`)
  return found.replace('http://169.254.170.2', '')
}

const addressOf = (number: number): string => `172.17.0.${number + 1}`

const ask = async (path: string, change: Partial<EndpointRequest> = {}) => {
  const request = { method: 'GET', path, body: '', sourceAddress: addressOf(1), ...change }
  const { status, body } = await answerRequest(options, request)
  return { status, body: JSON.parse(body) }
}

describe('a task with an interface of its own', () => {
  const withInterface = {
    networkMode: 'awsvpc',
    elasticNetworkInterfaces: [
      {
        name: 'eth0',
        index: 0,
        ec2Id: 'eni-1',
        attachmentArn: 'arn:attachment/1',
        macAddress: '02:00:00:00:00:01',
        ipv4Addresses: [{ privateAddress: '10.0.1.5', primary: true }],
        subnetGatewayIpv4Address: '10.0.1.1/24',
        privateDnsName: 'ip-10-0-1-5.ec2.internal',
        domainName: [],
        domainNameServers: ['10.0.0.2'],
      },
    ],
  }
  const network = {
    NetworkMode: 'awsvpc',
    IPv4Addresses: ['10.0.1.5'],
    AttachmentIndex: 0,
    MACAddress: '02:00:00:00:00:01',
    IPv4SubnetCIDRBlock: '10.0.1.0/24',
    DomainNameServers: ['10.0.0.2'],
    PrivateDNSName: 'ip-10-0-1-5.ec2.internal',
    SubnetGatewayIpv4Address: '10.0.1.1/24',
  }

  it('finds it in its metadata, by the link address that the host knows it by, and nobody else does', async () => {
    await host.give(payload(id(4), [container('app')], withInterface))
    const path = variable(4, 'ECS_CONTAINER_METADATA_URI_V4')
    const answer = await ask(path, { sourceAddress: '169.254.172.1' })
    expect(answer).toMatchObject({ status: 200, body: { Networks: [network] } })
    expect(await ask(path, { sourceAddress: '169.254.172.2' })).toMatchObject({ status: 404 })
  })

  it('finds its IPv6 address there, too, with the subnet’s block in version 4', async () => {
    const [one] = withInterface.elasticNetworkInterfaces
    const both = {
      ...one,
      ipv6Addresses: [{ address: 'fd00:0:0:1::5', primary: true }],
      subnetGatewayIpv6Address: 'fe80::1/64',
    }
    const change = { ...withInterface, elasticNetworkInterfaces: [both] } as Partial<PayloadTask>
    await host.give(payload(id(4), [container('app')], change))
    const from = { sourceAddress: '169.254.172.1' }
    const addresses = { IPv4Addresses: ['10.0.1.5'], IPv6Addresses: ['fd00:0:0:1::5'] }
    const version4 = await ask(variable(4, 'ECS_CONTAINER_METADATA_URI_V4'), from)
    expect(version4.body.Networks).toEqual([
      { ...network, ...addresses, IPv6SubnetCIDRBlock: 'fd00:0:0:1::/64' },
    ])
    const version3 = await ask(variable(4, 'ECS_CONTAINER_METADATA_URI'), from)
    expect(version3.body.Networks).toEqual([{ NetworkMode: 'awsvpc', ...addresses }])
  })
})

describe('the endpoints of a task', () => {
  it('tell a container of itself and of its task, under the URLs in its environment', async () => {
    expect(await ask(variable(1, 'ECS_CONTAINER_METADATA_URI_V4'))).toMatchObject({
      status: 200,
      body: { DockerId: 'fake-1', Name: 'app', KnownStatus: 'RUNNING', Limits: { CPU: 0, Memory: 64 } },
    })
    expect(await ask(`${variable(1, 'ECS_CONTAINER_METADATA_URI')}/task`)).toMatchObject({
      status: 200,
      body: { Cluster: 'default', Family: 'web', Revision: '7', Containers: [{ DockerId: 'fake-1' }] },
    })
  })

  it('keep their URLs when the agent is restarted', async () => {
    const path = variable(1, 'ECS_CONTAINER_METADATA_URI_V4')
    await host.restart()
    expect((await ask(path)).status).toBe(200)
  })

  it('give the credentials of the role in the form that SDKs read', async () => {
    expect(await ask(variable(1, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'))).toEqual({
      status: 200,
      body: {
        RoleArn: credentials.roleArn,
        AccessKeyId: 'ASIA',
        SecretAccessKey: 'secret',
        Token: 'token',
        Expiration: credentials.expiration,
      },
    })
  })

  it('say that credentials are still to come, after a restart', async () => {
    options = { ...options, credentials: () => ({}) }
    expect(await ask(variable(1, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'))).toMatchObject({
      status: 503,
      body: { code: 'CredentialsUninitialized', HTTPErrorCode: 503 },
    })
  })

  it('name no credentials to a task without a role', () => {
    expect(host.engine.containers.get('fake-2')?.spec.environment).not.toHaveProperty(
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    )
  })

  it("tell another task's container nothing, even when it knows the URL", async () => {
    const stranger = { sourceAddress: addressOf(2) }
    for (const path of ['', '/task', '/stats', '/task/stats'])
      expect((await ask(`${variable(1, 'ECS_CONTAINER_METADATA_URI_V4')}${path}`, stranger)).status).toBe(404)
    expect(await ask(variable(1, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'), stranger)).toMatchObject({
      status: 400,
      body: { code: 'InvalidIdInRequest' },
    })
    const protection = `${variable(1, 'ECS_AGENT_URI')}/task-protection/v1/state`
    expect(await ask(protection, stranger)).toMatchObject({
      status: 404,
      body: { error: { Code: 'ResourceNotFoundException' } },
    })
  })

  it('forget the address of a container that has ended', async () => {
    const path = variable(1, 'ECS_CONTAINER_METADATA_URI_V4')
    expect((await ask(path)).status).toBe(200)
    host.engine.exit('fake-1', 0)
    await host.settle()
    expect((await ask(path)).status).toBe(404)
  })

  it("take the id alone in the host's network", async () => {
    const path = variable(3, 'ECS_CONTAINER_METADATA_URI_V4')
    expect((await ask(path, { sourceAddress: '169.254.170.2' })).status).toBe(200)
  })

  it.each(['/', '/v4', '/v4/', '/v4/x', '/v2/credentials/x', '/v4/../etc', '/v3/%00', '/api/x/y'])(
    'refuse %s',
    async path => {
      expect((await ask(path)).status).toBeGreaterThanOrEqual(400)
    },
  )

  it('refuse credentials under the id of a container, and metadata under that of credentials', async () => {
    const containerId = ids.ofContainer(payload(id(1)), 'app')
    const credentialsId = ids.ofCredentials(payload(id(1)))
    expect((await ask(`/v2/credentials/${containerId}`)).status).toBe(400)
    expect((await ask(`/v4/${credentialsId}`)).status).toBe(404)
  })

  it('refuse who asks too often, and nobody else', async () => {
    const path = variable(1, 'ECS_CONTAINER_METADATA_URI_V4')
    const neighbour = variable(2, 'ECS_CONTAINER_METADATA_URI_V4')
    for (let count = 0; count < 60; count++) expect((await ask(path)).status).toBe(200)
    expect(await ask(path)).toEqual({ status: 429, body: 'You have reached maximum request limit.' })
    expect((await ask(neighbour, { sourceAddress: addressOf(2) })).status).toBe(200)
    // A stranger's guesses cost the task nothing.
    for (let count = 0; count < 70; count++) await ask(path, { sourceAddress: addressOf(9) })
    await host.clock.advance(2_000)
    expect((await ask(path)).status).toBe(200)
  })

  it.each([
    ['nonsense', ''],
    ['{"Unknown":1}', ''],
    ['{"ProtectionEnabled":"yes"}', ''],
    ['{}', "Invalid request: does not contain 'ProtectionEnabled' field"],
  ])('refuse to protect a task for %s', async (body, message) => {
    const path = `${variable(1, 'ECS_AGENT_URI')}/task-protection/v1/state`
    expect(await ask(path, { method: 'PUT', body })).toMatchObject({
      status: 400,
      body: {
        error: {
          Code: 'InvalidParameterException',
          Message: message || 'UpdateTaskProtection: failed to decode request',
        },
      },
    })
  })

  it('refuse to protect a task without a role', async () => {
    options = { ...options, credentials: () => ({}) }
    expect(
      await ask(`${variable(2, 'ECS_AGENT_URI')}/task-protection/v1/state`, { sourceAddress: addressOf(2) }),
    ).toMatchObject({
      status: 403,
      body: { error: { Code: 'AccessDeniedException' } },
    })
  })
})
