import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as ec2 from '@aws-sdk/client-ec2'
import * as ecs from '@aws-sdk/client-ecs'
import * as efs from '@aws-sdk/client-efs'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as secretsManager from '@aws-sdk/client-secrets-manager'
import * as ssm from '@aws-sdk/client-ssm'
import * as sts from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { Catalog, type Operation } from './catalog.ts'
import { createEndpoint, type Endpoint } from './endpoint.ts'
import { AwsError } from './error.ts'
import { filled, variantsOf } from './fixtures/filled-value.ts'
import { accessKeyId, findSigningKey, secretAccessKey, toRequest } from './fixtures/signed-request.ts'
import type { AwsService, ClientModule } from './service.ts'

/** Answered with UnsupportedOperationException: their output is an event stream, which no protocol here carries. */
const streaming: ReadonlySet<string> = new Set(['StartLiveTail', 'GetLogObject'])

const services = [
  { name: 'ECS', client: ecs, Client: ecs.ECSClient, target: 'AmazonEC2ContainerServiceV20141113' },
  { name: 'CloudWatch Logs', client: logs, Client: logs.CloudWatchLogsClient, target: 'Logs_20140328' },
  {
    name: 'Secrets Manager',
    client: secretsManager,
    Client: secretsManager.SecretsManagerClient,
    target: 'secretsmanager',
  },
  { name: 'SSM', client: ssm, Client: ssm.SSMClient, target: 'AmazonSSM' },
  { name: 'EC2', client: ec2, Client: ec2.EC2Client, target: 'AmazonEC2' },
  { name: 'EFS', client: efs, Client: efs.EFSClient, target: 'MagnolioAPIService_v20150201' },
  { name: 'STS', client: sts, Client: sts.STSClient, target: 'AWSSecurityTokenServiceV20110615' },
  {
    name: 'ELBv2',
    client: elbv2,
    Client: elbv2.ElasticLoadBalancingV2Client,
    target: 'ElasticLoadBalancing_v10',
  },
]

interface SdkClient {
  send(command: unknown): Promise<Record<string, unknown>>
}

type AnyClass<T> = new (options: object) => T

/** What the SDK's client needs of a requestHandler, straight into the endpoint; keeps the last answer's body. */
function inProcess(endpoint: Endpoint): { handle(request: never): Promise<object>; lastBody: string } {
  const handler = {
    lastBody: '',
    async handle(request: Parameters<typeof toRequest>[0] & { body?: string | Uint8Array }) {
      const answer = await endpoint.handle(toRequest(request, request.body ?? ''))
      handler.lastBody = answer.body.toString()
      const response = { ...answer, headers: { ...answer.headers }, body: Buffer.from(answer.body) }
      return { response }
    },
  }
  return handler as never
}

function makeClient(Client: unknown, endpoint: Endpoint) {
  const requestHandler = inProcess(endpoint)
  const client = new (Client as AnyClass<SdkClient>)({
    region: 'us-east-1',
    endpoint: 'http://localhost:4566',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestHandler,
    // The checks of members against a host's label do not matter here: every request goes to the same endpoint.
    disableHostPrefix: true,
  })
  return { client, requestHandler }
}

function commandOf(client: ClientModule, operation: string): AnyClass<unknown> {
  return client[`${operation}Command`] as AnyClass<unknown>
}

function operationsOf(service: AwsService & { client: ClientModule }, target: string): Operation[] {
  const model = new Catalog([service]).byTarget(target)!
  return Object.values(service.client)
    .filter((value): value is [number, string, string] => Array.isArray(value) && value[0] === 9)
    .map(([, , name]) => model.operation(name)!)
}

describe.each(services)('$name', ({ client: module, Client, target }) => {
  let received: unknown
  let reply: () => unknown = () => ({})
  const faults: unknown[] = []
  const service: AwsService & { client: ClientModule } = {
    client: module as ClientModule,
    handle: async (_operation, input) => {
      received = input
      return reply()
    },
  }
  const endpoint = createEndpoint({
    services: [service],
    findSigningKey,
    now: Date.now,
    newRequestId: () => 'request-1',
    onFault: error => faults.push(error),
  })
  const { client, requestHandler } = makeClient(Client, endpoint)
  const operations = operationsOf(service, target)

  test('has an operation for every command of the client package', () => {
    const commands = Object.keys(module).filter(name => /^[A-Z]\w*Command$/.test(name))
    expect(operations.map(({ name }) => `${name}Command`).sort()).toEqual(commands.sort())
  })

  test.each(
    operations
      .filter(({ name }) => !streaming.has(name))
      .map(operation => ({ name: operation.name, operation })),
  )('$name carries every member of input and output through the SDK client', async ({ name, operation }) => {
    const Command = commandOf(service.client, name)
    const variants = Math.max(variantsOf(operation.input), variantsOf(operation.output))
    for (let variant = 0; variant < variants; variant++) {
      const input = filled(operation.input, { variant })
      reply = () => filled(operation.output, { variant, leak: 'LEAKED' })
      const { $metadata, ...output } = await client.send(new Command(input))
      expect(faults).toEqual([])
      expect(received).toStrictEqual(input)
      expect(normalised(output)).toEqual(normalised(filled(operation.output, { variant })))
      expect(requestHandler.lastBody).not.toMatch(/LEAKED|memberThatNobodyKnows/)
      expect($metadata).toMatchObject({ httpStatusCode: operation.statusCode, requestId: 'request-1' })
    }
  })

  test.each(operations.filter(({ name }) => streaming.has(name)).map(({ name }) => name))(
    '%s says that it is not supported',
    async name => {
      const Command = commandOf(service.client, name)
      const command = new Command({ logGroupIdentifiers: ['x'], logObjectPointer: 'x' })
      await expect(client.send(command)).rejects.toMatchObject({ name: 'UnsupportedOperationException' })
    },
  )

  const model = new Catalog([service]).byTarget(target)!
  const plain = operations.find(({ input }) => !input.members.some(member => member.required))!
  test.each([...new Set(model.errors.values())].map(error => ({ name: error.name, error })))(
    '$name arrives as the exception class of the SDK',
    async ({ name, error }) => {
      const members = filled(error.shape, { variant: 0, leak: 'LEAKED' })
      const { message: _, Message: __, ...carried } = filled(error.shape, { variant: 0 })
      reply = () => {
        throw new AwsError(error.name, 'This is <the> reason.', { members })
      }
      const Command = commandOf(service.client, plain.name)
      const thrown = await client.send(new Command({})).catch((reason: unknown) => reason)
      expect(thrown).toBeInstanceOf(service.client[name])
      expect(thrown).toMatchObject({
        name,
        message: 'This is <the> reason.',
        $fault: error.fault,
        $metadata: { httpStatusCode: error.statusCode, requestId: 'request-1' },
        ...carried,
      })
      expect(requestHandler.lastBody).not.toContain('LEAKED')
      expect(faults).toEqual([])
    },
  )
})

/** The SDK's own blobs and documents are subclasses with the same content. */
function normalised(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(normalised)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalised(item)]))
}
