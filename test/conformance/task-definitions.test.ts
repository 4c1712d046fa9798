import { expect, test } from 'vitest'
import { families } from '../../packages/control-plane/src/services/ecs/tables/index.ts'
import { arn, refusal, rootArn, startedAt, useBerth } from './harness.ts'
import { least, onFargate, whole } from './sample-definitions.ts'

const berth = useBerth()

const register = async (family: string): Promise<string> => {
  const { taskDefinition } = await berth.ecs.registerTaskDefinition({ ...least, family })
  return taskDefinition?.taskDefinitionArn ?? ''
}

test('the least definition comes back with the defaults', async () => {
  const { taskDefinition, tags } = await berth.ecs.registerTaskDefinition(least)
  expect(taskDefinition).toEqual({
    taskDefinitionArn: arn('task-definition/web:1'),
    family: 'web',
    revision: 1,
    status: 'ACTIVE',
    containerDefinitions: [
      {
        name: 'web',
        image: 'web:1',
        memory: 64,
        cpu: 0,
        essential: true,
        portMappings: [],
        environment: [],
        mountPoints: [],
        volumesFrom: [],
        systemControls: [],
      },
    ],
    volumes: [],
    placementConstraints: [],
    requiresAttributes: [],
    compatibilities: ['EXTERNAL', 'EC2'],
    registeredAt: startedAt,
    registeredBy: rootArn,
  })
  expect(tags).toBeUndefined()
})

test('a definition with everything comes back as it was registered', async () => {
  const registered = await berth.ecs.registerTaskDefinition(whole)
  const { family, tags, containerDefinitions, volumes, ...rest } = whole
  const empty = {
    cpu: 0,
    essential: true,
    portMappings: [],
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
  }
  const expected = {
    ...rest,
    family,
    cpu: '1024',
    memory: '2048',
    taskDefinitionArn: arn('task-definition/web:1'),
    revision: 1,
    status: 'ACTIVE',
    registeredAt: startedAt,
    registeredBy: rootArn,
    compatibilities: ['EC2'],
    containerDefinitions: [
      containerDefinitions[0],
      {
        ...containerDefinitions[1],
        ...empty,
        healthCheck: { command: ['CMD', 'ready'], interval: 30, timeout: 5, retries: 3 },
      },
      { ...containerDefinitions[2], ...empty },
    ],
    volumes: [{ name: 'data', host: {} }, ...volumes.slice(1)],
    requiresAttributes: expect.any(Array),
  }
  expect(registered.taskDefinition).toEqual(expected)
  expect(registered.tags).toEqual(tags)
  expect(registered.taskDefinition?.requiresAttributes?.map(attribute => attribute.name).sort()).toEqual([
    'com.amazonaws.ecs.capability.docker-remote-api.1.17',
    'com.amazonaws.ecs.capability.docker-remote-api.1.18',
    'com.amazonaws.ecs.capability.docker-remote-api.1.19',
    'com.amazonaws.ecs.capability.docker-remote-api.1.21',
    'com.amazonaws.ecs.capability.docker-remote-api.1.24',
    'com.amazonaws.ecs.capability.docker-remote-api.1.25',
    'com.amazonaws.ecs.capability.docker-remote-api.1.29',
    'com.amazonaws.ecs.capability.ecr-auth',
    'com.amazonaws.ecs.capability.logging-driver.awsfirelens',
    'com.amazonaws.ecs.capability.logging-driver.awslogs',
    'com.amazonaws.ecs.capability.privileged-container',
    'com.amazonaws.ecs.capability.selinux',
    'com.amazonaws.ecs.capability.task-iam-role',
    'ecs.capability.container-health-check',
    'ecs.capability.container-ordering',
    'ecs.capability.container-restart-policy',
    'ecs.capability.docker-plugin.local',
    'ecs.capability.efs',
    'ecs.capability.efsAuth',
    'ecs.capability.env-files.s3',
    'ecs.capability.execution-role-awslogs',
    'ecs.capability.execution-role-ecr-pull',
    'ecs.capability.firelens.fluentbit',
    'ecs.capability.gmsa',
    'ecs.capability.pid-ipc-namespace-sharing',
    'ecs.capability.private-registry-authentication.secretsmanager',
    'ecs.capability.secrets.asm.bootstrap.log-driver',
    'ecs.capability.secrets.ssm.environment-variables',
    'ecs.capability.storage.ebs-task-volume-attach',
  ])
  const described = await berth.ecs.describeTaskDefinition({ taskDefinition: 'web', include: ['TAGS'] })
  expect(described.taskDefinition).toEqual(expected)
  expect(described.tags).toEqual(tags)
})

test('a Fargate definition may be registered', async () => {
  const { taskDefinition } = await berth.ecs.registerTaskDefinition(onFargate)
  const { proxyConfiguration, ephemeralStorage, requiresCompatibilities } = onFargate
  const expected = {
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    proxyConfiguration,
    ephemeralStorage,
    requiresCompatibilities,
    compatibilities: ['EC2', 'FARGATE'],
    containerDefinitions: [{ portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }] }],
  }
  expect(taskDefinition).toMatchObject(expected)
  const described = await berth.ecs.describeTaskDefinition({ taskDefinition: 'mesh:1' })
  expect(described.taskDefinition).toMatchObject(expected)
})

test('revisions count up in a family, and a bare family is its newest ACTIVE one', async () => {
  await register('web')
  await register('web')
  await register('web')
  await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'web:3' })
  const described = async (taskDefinition: string) =>
    (await berth.ecs.describeTaskDefinition({ taskDefinition })).taskDefinition?.revision
  expect(await described('web')).toBe(2)
  expect(await described('web:3')).toBe(3)
  expect(await described(arn('task-definition/web:1'))).toBe(1)
  expect(await described(arn('task-definition/web'))).toBe(2)
})

test('a revision number is never given twice, also after every revision was deleted', async () => {
  await register('web')
  await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'web:1' })
  await berth.ecs.deleteTaskDefinitions({ taskDefinitions: ['web:1'] })
  berth.settle()
  expect(await refusal(berth.ecs.describeTaskDefinition({ taskDefinition: 'web:1' }))).toEqual([
    'ClientException',
    'Unable to describe task definition.',
  ])
  expect((await berth.ecs.listTaskDefinitionFamilies({})).families).toEqual([])
  expect(await register('web')).toBe(arn('task-definition/web:2'))
})

test('what is not there, or no reference at all, is refused', async () => {
  const describe = (taskDefinition: string) => refusal(berth.ecs.describeTaskDefinition({ taskDefinition }))
  expect(await describe('none')).toEqual(['ClientException', 'Unable to describe task definition.'])
  expect(await describe('web:x')).toEqual(['InvalidParameterException', 'Invalid revision number. Number: x'])
})

test('a deregistered revision is INACTIVE, and shows when', async () => {
  await berth.ecs.registerTaskDefinition(whole)
  await berth.ecs.registerTaskDefinition(onFargate)
  berth.advance(5000)
  const deregisteredAt = new Date(startedAt.getTime() + 5000)
  const web = await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'web:1' })
  const described = await berth.ecs.describeTaskDefinition({ taskDefinition: 'web:1' })
  expect(web.taskDefinition).toMatchObject({ status: 'INACTIVE', deregisteredAt })
  expect(described.taskDefinition).toEqual(web.taskDefinition)
  const mesh = await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'mesh:1' })
  const meshDescribed = await berth.ecs.describeTaskDefinition({ taskDefinition: 'mesh:1' })
  expect(meshDescribed.taskDefinition).toEqual(mesh.taskDefinition)
})

test('DeregisterTaskDefinition needs an ACTIVE revision', async () => {
  await register('web')
  const deregister = (taskDefinition: string) =>
    refusal(berth.ecs.deregisterTaskDefinition({ taskDefinition }))
  expect(await deregister('web')).toEqual(['ClientException', 'Revision is missing.'])
  expect(await deregister('web:7')).toEqual(['ClientException', 'Unable to describe task definition.'])
  expect(await deregister('web:1:1')).toEqual([
    'InvalidParameterException',
    'Invalid identifier: Unexpected number of separators',
  ])
  await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'web:1' })
  expect((await deregister('web:1'))[0]).toBe('ClientException')
})

test('only INACTIVE revisions are deleted, and they are gone when nothing needs them', async () => {
  await berth.ecs.registerTaskDefinition(whole)
  await berth.ecs.registerTaskDefinition(onFargate)
  await register('busy')
  await register('active')
  await berth.ecs.createCluster({})
  await berth.ecs.createService({
    serviceName: 'a',
    taskDefinition: 'busy',
    desiredCount: 0,
    launchType: 'EC2',
  })
  for (const taskDefinition of ['web:1', 'mesh:1', 'busy:1'])
    await berth.ecs.deregisterTaskDefinition({ taskDefinition })
  const { taskDefinitions, failures } = await berth.ecs.deleteTaskDefinitions({
    taskDefinitions: ['web:1', 'mesh:1', 'busy:1', 'active:1', 'none:1'],
  })
  expect(failures).toEqual([
    {
      arn: arn('task-definition/active:1'),
      reason:
        'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
    },
    {
      arn: arn('task-definition/none:1'),
      reason:
        'The specified task definition does not exist. Specify a valid account, family, revision and try again.',
    },
  ])
  const described = await berth.ecs.describeTaskDefinition({ taskDefinition: 'web:1' })
  const mesh = await berth.ecs.describeTaskDefinition({ taskDefinition: 'mesh:1' })
  const busy = await berth.ecs.describeTaskDefinition({ taskDefinition: 'busy:1' })
  expect(described.taskDefinition).toMatchObject({
    status: 'DELETE_IN_PROGRESS',
    deleteRequestedAt: startedAt,
  })
  expect(taskDefinitions).toEqual([described.taskDefinition, mesh.taskDefinition, busy.taskDefinition])
  berth.settle()
  const listed = await berth.ecs.listTaskDefinitions({ status: 'DELETE_IN_PROGRESS' })
  expect(listed.taskDefinitionArns).toEqual([arn('task-definition/busy:1')])
  await berth.ecs.deleteService({ service: 'a' })
  berth.settle()
  expect((await berth.ecs.listTaskDefinitions({ status: 'DELETE_IN_PROGRESS' })).taskDefinitionArns).toEqual(
    [],
  )
})

test('DeleteTaskDefinitions takes one to ten revisions', async () => {
  const remove = (taskDefinitions: string[]) => refusal(berth.ecs.deleteTaskDefinitions({ taskDefinitions }))
  const wrong = ['InvalidParameterException', 'taskDefinitions must have 1 to 10 elements.']
  expect(await remove([])).toEqual(wrong)
  expect(await remove(Array.from({ length: 11 }, (_, index) => `web:${index + 1}`))).toEqual(wrong)
  expect(await remove(['web'])).toEqual(['ClientException', 'Revision is missing.'])
})

test('ListTaskDefinitions goes by family and number, both ways, in pages', async () => {
  for (const family of ['b', 'a', 'a']) await register(family)
  for (let count = 0; count < 10; count++) await register('b')
  const ids = async (input: Parameters<typeof berth.ecs.listTaskDefinitions>[0]) => {
    const all: string[] = []
    let nextToken: string | undefined
    do {
      const page = await berth.ecs.listTaskDefinitions({ ...input, maxResults: 4, nextToken })
      all.push(...(page.taskDefinitionArns ?? []).map(text => text.slice(text.lastIndexOf('/') + 1)))
      nextToken = page.nextToken
    } while (nextToken)
    return all
  }
  const up = ['a:1', 'a:2', ...Array.from({ length: 11 }, (_, index) => `b:${index + 1}`)]
  expect(await ids({})).toEqual(up)
  expect(await ids({ sort: 'DESC' })).toEqual(up.toReversed())
  expect(await ids({ familyPrefix: 'a' })).toEqual(['a:1', 'a:2'])
  await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'a:1' })
  expect(await ids({ status: 'INACTIVE' })).toEqual(['a:1'])
  expect(await refusal(berth.ecs.listTaskDefinitions({ maxResults: 101 }))).toEqual([
    'InvalidParameterException',
    'maxResults must be between 1 and 100.',
  ])
})

test('ListTaskDefinitionFamilies goes by prefix and status, in pages', async () => {
  for (const family of ['web-a', 'web-b', 'job']) await register(family)
  await berth.ecs.deregisterTaskDefinition({ taskDefinition: 'web-b:1' })
  const list = async (input: Parameters<typeof berth.ecs.listTaskDefinitionFamilies>[0]) =>
    (await berth.ecs.listTaskDefinitionFamilies(input)).families
  expect(await list({})).toEqual(['job', 'web-a', 'web-b'])
  expect(await list({ familyPrefix: 'web' })).toEqual(['web-a', 'web-b'])
  expect(await list({ status: 'ACTIVE' })).toEqual(['job', 'web-a'])
  expect(await list({ status: 'INACTIVE' })).toEqual(['web-b'])
  const first = await berth.ecs.listTaskDefinitionFamilies({ maxResults: 2 })
  const second = await berth.ecs.listTaskDefinitionFamilies({ nextToken: first.nextToken })
  expect([first.families, second.families]).toEqual([['job', 'web-a'], ['web-b']])
  expect((await refusal(berth.ecs.listTaskDefinitionFamilies({ nextToken: 'x' })))[0]).toBe(
    'InvalidParameterException',
  )
})

test.each([
  [{ tags: [] }, 'ClientException', 'Tags can not be empty.'],
  [{ tags: [{ key: 'aws:a', value: 'b' }] }, 'InvalidParameterException', 'Tag keys starting with aws:'],
  [{ containerDefinitions: [] }, 'ClientException', 'Container list cannot be empty.'],
  [
    { containerDefinitions: [{ name: 'web', image: 'web' }] },
    'ClientException',
    "Invalid setting for container 'web'. At least one of 'memory' or 'memoryReservation' must be specified.",
  ],
  [
    { requiresCompatibilities: ['FARGATE'] },
    'ClientException',
    'Fargate only supports network mode ‘awsvpc’.',
  ],
  [
    { inferenceAccelerators: [{ deviceName: 'a', deviceType: 'b' }] },
    'ClientException',
    "Unsupported field 'inferenceAccelerators'.",
  ],
  [
    {
      containerDefinitions: [
        { ...least.containerDefinitions[0], environment: [{ name: 'A', value: 'x'.repeat(66_000) }] },
      ],
    },
    'ClientException',
    "Max allowed length is '65536' bytes.",
  ],
])('RegisterTaskDefinition refuses %j', async (change, name, message) => {
  const refused = await refusal(berth.ecs.registerTaskDefinition({ ...least, ...(change as object) }))
  expect(refused).toEqual([name, expect.stringContaining(message)])
})

test('a family has a million revisions at most', async () => {
  await register('web')
  berth.store.update(tx => {
    for (const row of tx.all(families)) tx.put(families, { ...row, lastRevision: 1_000_000 })
  })
  expect(await refusal(register('web'))).toEqual([
    'LimitExceededException',
    'The maximum number of revisions of a family is 1000000.',
  ])
})
