import type { Identity, RequestContext } from '@berth/aws-api'
import { formatArn } from '@berth/model'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Authorize, createAuthorize } from './authorization.ts'
import { readConfiguration } from './configuration.ts'
import { ManualClock } from './control-loop/manual-clock.ts'
import { toAwsService } from './dispatch.ts'
import { createEncryption } from './encryption/encryption.ts'
import { createMemoryJournal } from './journals/memory-journal.ts'
import { MemoryLogStore } from './log-store/memory-log-store.ts'
import { matchesPattern } from './pattern-match.ts'
import { agentIdentity } from './services/ecs/agent-identity.ts'
import { given, instanceArn, scope, start } from './services/ecs/fixtures/rows.ts'
import { clusters, containerInstances, taskDefinitions, tasks } from './services/ecs/tables/index.ts'
import { taskIdentity } from './services/ecs/task-identity.ts'
import { createServices } from './services/index.ts'
import { createStore } from './store/journaled-store.ts'

/** Whatever an agent's key may call at all; every other operation of every service must refuse it. */
const allowed = new Set([
  // The cluster `default` alone.
  'ecs:CreateCluster',
  'ecs:RegisterContainerInstance',
  'ecs:DeregisterContainerInstance',
  'ecs:DiscoverPollEndpoint',
  'ecs:SubmitTaskStateChange',
  'ecs:SubmitContainerStateChange',
  'ecs:SubmitAttachmentStateChanges',
  'ecs:UpdateContainerInstancesState',
  'ecs:ListTagsForResource',
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  // As in AWS, everybody may ask who they are.
  'sts:GetCallerIdentity',
])

const services = createServices({
  configuration: readConfiguration({}),
  startedAt: () => start,
  logStore: new MemoryLogStore(),
  acceptsLogs: () => true,
  encryption: createEncryption(Buffer.alloc(32)),
  matchesPattern,
})
const operations = services.flatMap(service =>
  service.operations.map(({ name }) => `${service.name}:${name}`),
)

/** Each way to name a secret, a parameter and a log group. */
const withSecrets = given.container({
  secrets: [
    { name: 'A', valueFrom: `${formatArn('secretsmanager', scope, 'secret:db/password')}:key::` },
    { name: 'B', valueFrom: '/app/key' },
  ],
  logConfiguration: {
    logDriver: 'awslogs',
    options: { 'awslogs-group': 'web' },
    secretOptions: [{ name: 'C', valueFrom: formatArn('ssm', scope, 'parameter/token') }],
  },
  repositoryCredentials: { credentialsParameter: 'registry' },
})

/** Named so that every operation knows what it would be done to. */
const names = {
  ...{ cluster: 'default', logGroupName: 'group', logStreamName: 'stream', resourceArn: given.cluster.id },
  ...{ task: given.task(1).id, containerInstance: instanceArn(1), containerInstances: [instanceArn(1)] },
}

let authorize: Authorize
let call: (identity: Identity, operation: string, input?: object) => Promise<unknown>
beforeAll(async () => {
  const store = createStore({
    tables: [...new Set(services.flatMap(({ tables }) => tables))],
    histories: services.flatMap(({ histories }) => histories),
    journal: createMemoryJournal(),
  })
  await store.load()
  store.update(tx => {
    tx.put(clusters, given.cluster)
    tx.put(containerInstances, given.instance(1, { registeredBy: 'AKIAOTHER' }))
    tx.put(containerInstances, given.instance(2, { registeredBy: 'AKIAOWN' }))
    tx.put(taskDefinitions, given.taskDefinition({ containerDefinitions: [withSecrets] }))
    tx.put(tasks, given.task(1, { containerInstanceArn: instanceArn(1) }))
  })
  authorize = createAuthorize(store)
  const handlers = services.map(service => {
    const { handle } = toAwsService(service, {
      store,
      clock: new ManualClock(start),
      randomHex: bytes => 'f'.repeat(bytes * 2),
      region: scope.region,
      anyRegion: false,
      authorize,
      refusesMutations: () => false,
    })
    return [service.name, handle] as const
  })
  const handleOf = new Map(handlers)
  call = async (identity, operation, input = names) => {
    const [service = '', name = ''] = operation.split(':')
    const context = {
      identity,
      region: scope.region,
      headers: { host: 'berth' },
    } as unknown as RequestContext
    return handleOf.get(service)?.(name, input, context)
  }
})

const agent = agentIdentity(scope.accountId, 'AKIAOWN')

/** The codes of refusals; `done` where the operation was not refused. */
const outcome = (operation: string, input?: object, identity = agent): Promise<string> =>
  call(identity, operation, input).then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )

it('is asked by every operation of every service', () => {
  expect(operations.filter(operation => operation.startsWith('ecs:')).length).toBeGreaterThanOrEqual(60)
  expect(operations).toEqual(expect.arrayContaining([...allowed]))
})

describe("an agent's key", () => {
  it.each(operations.filter(operation => !allowed.has(operation)))('may not call %s', async operation => {
    await expect(call(agent, operation)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining(
        `${agent.arn} is not authorized to perform: ${operation} on resource: `,
      ),
    })
  })

  it.each([
    ['ecs:CreateCluster', { clusterName: 'other' }],
    ['ecs:DeregisterContainerInstance', { containerInstance: instanceArn(1), force: true }],
    ['ecs:RegisterContainerInstance', { containerInstanceArn: instanceArn(1) }],
    ['ecs:UpdateContainerInstancesState', { containerInstances: [instanceArn(1)], status: 'DRAINING' }],
    [
      'ecs:UpdateContainerInstancesState',
      { containerInstances: [instanceArn(2), instanceArn(1)], status: 'DRAINING' },
    ],
    [
      'ecs:UpdateContainerInstancesState',
      { containerInstances: [instanceArn(1).replace('default/', '')], status: 'DRAINING' },
    ],
    [
      'ecs:UpdateContainerInstancesState',
      { containerInstances: [instanceArn(1).replace('ecs', 'logs')], status: 'DRAINING' },
    ],
    ['ecs:SubmitTaskStateChange', { task: given.task(1).id, status: 'STOPPED' }],
    ['ecs:SubmitContainerStateChange', { task: given.task(1).id, containerName: 'web', status: 'STOPPED' }],
    ['ecs:ListTagsForResource', { resourceArn: given.task(1).id }],
    ['ecs:ListTagsForResource', { resourceArn: instanceArn(1) }],
    ['ecs:ListTagsForResource', { resourceArn: given.taskDefinition().id }],
    ['ecs:ListTagsForResource', { resourceArn: given.cluster.id.replace('cluster/', 'service/default/') }],
    ['ecs:ListTagsForResource', { resourceArn: 'nonsense' }],
  ])('may not call %s with %j, which is not its own', async (operation, input) => {
    expect(await outcome(operation, input)).toMatch(/^(AccessDenied|InvalidParameter)Exception$/)
  })

  it('may drain its own instance, make log streams, and ask who it is', async () => {
    const draining = { containerInstances: [instanceArn(2)], status: 'DRAINING' }
    expect(await outcome('ecs:UpdateContainerInstancesState', draining)).toBe('done')
    for (const operation of ['CreateLogGroup', 'CreateLogStream'])
      expect(await outcome(`logs:${operation}`)).toBe('done')
    expect(await outcome('sts:GetCallerIdentity', {})).toBe('done')
  })
})

describe("a task's credentials", () => {
  const session = { taskArn: given.task(1).id, roleArn: 'arn:aws:iam::1:role/BerthAgent', expiresAt: 0 }
  const application = taskIdentity({ ...session, roleType: 'TaskApplication' }, 'AKIAOWN')
  const execution = taskIdentity({ ...session, roleType: 'TaskExecution' }, 'AKIAOWN')
  const arn = (service: string, resource: string): string => formatArn(service, scope, resource)
  const secret = arn('secretsmanager', 'secret:db/password')

  it.each(operations.filter(operation => !/TaskProtection|GetCallerIdentity/.test(operation)))(
    'may not call %s, whatever the name of the role',
    async operation => {
      for (const identity of [application, execution])
        expect(await outcome(operation, names, identity)).toBe('AccessDeniedException')
    },
  )

  it.each([
    [application, 'ecs:GetTaskProtection', given.task(1).id, true],
    [application, 'ecs:UpdateTaskProtection', given.task(1).id, true],
    [application, 'ecs:UpdateTaskProtection', given.task(2).id, false],
    [application, 'secretsmanager:GetSecretValue', secret, false],
    [execution, 'ecs:GetTaskProtection', given.task(1).id, false],
    [execution, 'secretsmanager:GetSecretValue', secret, true],
    [execution, 'secretsmanager:GetSecretValue', `${secret}-AbC123`, true],
    [execution, 'secretsmanager:GetSecretValue', `${secret}-old`, false],
    [execution, 'secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:other'), false],
    [execution, 'secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:registry'), true],
    [execution, 'secretsmanager:PutSecretValue', secret, false],
    [execution, 'ssm:GetParameters', arn('ssm', 'parameter/app/key'), true],
    [execution, 'ssm:GetParameters', arn('ssm', 'parameter/app/keys'), false],
    [execution, 'ssm:GetParameters', arn('ssm', 'parameter/token'), true],
    [execution, 'logs:PutLogEvents', arn('logs', 'log-group:web:log-stream:a'), true],
    [execution, 'logs:CreateLogStream', arn('logs', 'log-group:web:*'), true],
    [execution, 'logs:PutLogEvents', arn('logs', 'log-group:web2:log-stream:a'), false],
    [execution, 'logs:GetLogEvents', arn('logs', 'log-group:web:log-stream:a'), false],
  ])('of %o: %s on %s is allowed: %s', (identity, action, resource, isAllowed) => {
    expect(authorize(identity, action, [resource])).toBe(isAllowed)
  })

  it('may always ask whose they are', async () => {
    expect(await outcome('sts:GetCallerIdentity', {}, application)).toBe('done')
  })
})

describe('whoever is neither root nor an agent', () => {
  const stranger: Identity = {
    accountId: scope.accountId,
    arn: `arn:aws:sts::${scope.accountId}:assumed-role/BerthAgents/AKIAOWN`,
    userId: 'stranger',
    accessKeyId: 'AKIAOWN',
    isRoot: false,
  }
  it.each(operations.filter(operation => operation !== 'sts:GetCallerIdentity'))(
    'may not call %s',
    async operation => {
      expect(await outcome(operation, names, stranger)).toBe('AccessDeniedException')
    },
  )
})
