import type { PutParameterRequest } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, test } from 'vitest'
import { parameterVersions } from '../../../packages/control-plane/src/services/ssm/tables/index.ts'
import { refusal, SecretsEndpoint } from './secrets-endpoint.ts'

let at: SecretsEndpoint
beforeEach(async () => {
  at = await SecretsEndpoint.start()
})

const Name = '/prod/db/password'
const put = (input: Partial<PutParameterRequest> = {}) =>
  at.ssm.putParameter({ Name, Type: 'SecureString', Value: 'hunter2', ...input })
const overwrite = (Value: string, input: Partial<PutParameterRequest> = {}) =>
  at.ssm.putParameter({ Name, Value, Overwrite: true, ...input })
const get = async (name = Name) => (await at.ssm.getParameter({ Name: name, WithDecryption: true })).Parameter

describe('PutParameter', () => {
  test('makes version 1, and another version when it may overwrite', async () => {
    expect(await put()).toMatchObject({ Version: 1, Tier: 'Standard' })
    expect(await refusal(put())).toBe(
      'ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    )
    expect(await overwrite('two')).toMatchObject({ Version: 2 })
    expect(await get()).toEqual({
      Name,
      ARN: 'arn:aws:ssm:us-east-1:111122223333:parameter/prod/db/password',
      Type: 'SecureString',
      Value: 'two',
      Version: 2,
      DataType: 'text',
      LastModifiedDate: new Date(at.clock.now()),
    })
  })

  test('takes longer values in the advanced tier, and none back into the standard one', async () => {
    const Value = 'x'.repeat(4097)
    expect(await refusal(put({ Value }))).toContain(
      'Standard tier parameters support a maximum parameter value of 4096',
    )
    expect(await put({ Value, Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Advanced' })
    expect(await overwrite('short')).toMatchObject({ Tier: 'Advanced' })
    expect(await refusal(overwrite('short', { Tier: 'Standard' }))).toContain("You can't downgrade")
    expect(await refusal(overwrite('x'.repeat(8193)))).toContain('8192 characters')
  })

  test('checks a value against the pattern, and never says the value', async () => {
    const message = await refusal(put({ AllowedPattern: '\\d+' }))
    expect(message).toBe(
      'ParameterPatternMismatchException: Parameter value, cannot be validated against allowedPattern: \\d+',
    )
    expect(await refusal(put({ AllowedPattern: '(' }))).toContain('InvalidAllowedPatternException')
    expect(await put({ AllowedPattern: '[a-z]+\\d' })).toMatchObject({ Version: 1 })
  })

  test('gives a pattern up that would run for ever', async () => {
    expect(await refusal(put({ Value: `${'a'.repeat(40)}!`, AllowedPattern: '(a+)+' }))).toContain(
      'InvalidAllowedPatternException',
    )
  })

  test.each<[Partial<PutParameterRequest>, string]>([
    [{ Type: undefined }, 'ValidationException: A parameter type is required when you create a parameter.'],
    [{ Name: 'a/b' }, 'ValidationException: Parameter name must be a fully qualified name.'],
    [{ Name: '/aws/x' }, 'AccessDeniedException: No access to reserved parameter name: /aws/x.'],
    [{ Name: 'ssm-x' }, 'ValidationException: Parameter name: can\'t be prefixed with "ssm"'],
    [{ Name: '/a b' }, 'ValidationException: Parameter name: can be formed as a path'],
    [
      { Name: '/a'.repeat(16) },
      'HierarchyLevelLimitExceededException: A hierarchy can have a maximum of 15 levels.',
    ],
    [{ KeyId: 'alias/mine' }, 'InvalidKeyId: KeyId is not supported'],
    [
      { DataType: 'aws:ec2:image' },
      'ValidationException: The following data type is not supported: aws:ec2:image',
    ],
    [{ Policies: '[{"Type":"Expiration"}]' }, 'ValidationException: Policies is not supported'],
    [
      { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] },
      "ValidationException: Invalid request: tags and overwrite can't be used together.",
    ],
  ])('refuses %j', async (input, message) => {
    expect(await refusal(put(input))).toContain(message)
    expect([...at.store.all(parameterVersions)]).toEqual([])
  })

  test('keeps the type that a parameter has', async () => {
    await put()
    expect(await refusal(overwrite('x', { Type: 'String' }))).toContain('HierarchyTypeMismatchException')
  })

  test('keeps the newest 100 versions, and no label is lost by it', async () => {
    await put()
    for (let i = 2; i <= 101; i++) await overwrite(`${i}`)
    expect(await refusal(get(`${Name}:1`))).toContain('ParameterVersionNotFound')
    await at.ssm.labelParameterVersion({ Name, ParameterVersion: 2, Labels: ['keep'] })
    expect(await refusal(overwrite('x'))).toContain('ParameterMaxVersionLimitExceeded')
    expect((await get(`${Name}:keep`))?.Value).toBe('2')
  })
})

describe('a SecureString', () => {
  test('is shown encrypted unless it is asked for decrypted; other types always as they are', async () => {
    await put()
    await put({ Name: 'plain', Type: 'String', Value: 'text' })
    const { Parameter } = await at.ssm.getParameter({ Name })
    expect(Parameter?.Value).not.toContain('hunter2')
    expect((await get())?.Value).toBe('hunter2')
    expect((await at.ssm.getParameter({ Name: 'plain' })).Parameter?.Value).toBe('text')
    const { Parameters } = await at.ssm.getParameterHistory({ Name })
    expect(JSON.stringify(Parameters)).not.toContain('hunter2')
  })

  test('and every other value is unreadable in the rows', async () => {
    await put({ Value: 'must not be found' })
    await put({ Name: 'list', Type: 'StringList', Value: 'neither,this' })
    expect(JSON.stringify([...at.store.all(parameterVersions)])).not.toMatch(/must not be found|neither/)
  })
})

test('a parameter is found by name, ARN, version and label', async () => {
  await put()
  await overwrite('two')
  await at.ssm.labelParameterVersion({ Name, ParameterVersion: 1, Labels: ['first'] })
  const arn = `arn:aws:ssm:us-east-1:111122223333:parameter${Name}`
  expect((await get(arn))?.Value).toBe('two')
  expect(await get(`${Name}:1`)).toMatchObject({ Value: 'hunter2', Selector: ':1', Version: 1 })
  expect(await get(`${arn}:first`)).toMatchObject({ Name, Value: 'hunter2', Selector: ':first' })
  expect(await refusal(get(`${Name}:9`))).toBe(
    `ParameterVersionNotFound: Systems Manager could not find version 9 of ${Name}. Verify the version and try again.`,
  )
  expect(await refusal(get('/none'))).toBe('ParameterNotFound: Parameter /none not found.')
})

test('GetParameters names what it does not find', async () => {
  await put()
  const { Parameters, InvalidParameters } = await at.ssm.getParameters({
    Names: [Name, '/none', `${Name}:7`],
    WithDecryption: true,
  })
  expect(Parameters).toMatchObject([{ Name, Value: 'hunter2' }])
  expect(InvalidParameters).toEqual(['/none', `${Name}:7`])
  expect(await refusal(at.ssm.getParameters({ Names: [] }))).toContain('between 1 and 10')
})

describe('lists', () => {
  beforeEach(async () => {
    await put()
    for (const name of ['/prod/a', '/prod/b', '/production', 'flat'])
      await put({ Name: name, Type: 'String', Value: name, Tags: [{ Key: 'of', Value: name }] })
  })
  const byPath = async (input: object) =>
    (await at.ssm.getParametersByPath({ Path: '/prod', ...input })).Parameters?.map(({ Name: name }) => name)
  const described = async (...ParameterFilters: { Key: string; Option?: string; Values?: string[] }[]) =>
    (await at.ssm.describeParameters({ ParameterFilters })).Parameters?.map(({ Name: name }) => name)

  test('GetParametersByPath gives one level, or all below, by type and label', async () => {
    expect(await byPath({})).toEqual(['/prod/a', '/prod/b'])
    expect(await byPath({ Recursive: true })).toEqual(['/prod/a', '/prod/b', Name])
    expect(await byPath({ Path: '/', Recursive: true })).toHaveLength(4)
    expect(
      await byPath({ Recursive: true, ParameterFilters: [{ Key: 'Type', Values: ['SecureString'] }] }),
    ).toEqual([Name])
    expect(await refusal(byPath({ Path: 'prod' }))).toContain('ValidationException')
    const first = await at.ssm.getParametersByPath({ Path: '/prod', MaxResults: 1 })
    expect(await byPath({ MaxResults: 1, NextToken: first.NextToken })).toEqual(['/prod/b'])
    expect(await refusal(byPath({ NextToken: 'x' }))).toBe(
      'InvalidNextToken: The specified token is not valid.',
    )
  })

  test('DescribeParameters filters by name, path, type, tier and tags, and shows no value', async () => {
    expect(await described()).toEqual(['/prod/a', '/prod/b', Name, '/production', 'flat'])
    expect(await described({ Key: 'Name', Option: 'BeginsWith', Values: ['/prod/'] })).toHaveLength(3)
    expect(await described({ Key: 'Name', Option: 'Contains', Values: ['ion'] })).toEqual(['/production'])
    expect(await described({ Key: 'Path', Values: ['/prod'] })).toEqual(['/prod/a', '/prod/b'])
    expect(await described({ Key: 'Path', Option: 'Recursive', Values: ['/prod'] })).toHaveLength(3)
    expect(await described({ Key: 'Type', Values: ['SecureString'] })).toEqual([Name])
    expect(await described({ Key: 'tag:of', Values: ['flat'] })).toEqual(['flat'])
    expect(await refusal(described({ Key: 'Colour', Values: ['x'] }))).toBe(
      'InvalidFilterKey: The following filter key is not valid: Colour.',
    )
    expect(await refusal(described({ Key: 'Type', Option: 'Contains', Values: ['x'] }))).toContain(
      'InvalidFilterOption',
    )
    const all = await at.ssm.describeParameters({ Filters: [{ Key: 'Name', Values: ['/prod/d'] }] })
    expect(all.Parameters).toMatchObject([{ Name, KeyId: 'alias/aws/ssm', Tier: 'Standard', Version: 1 }])
    expect(JSON.stringify(all)).not.toContain('hunter2')
  })
})

test('deleted parameters are gone with all their versions', async () => {
  await put()
  await overwrite('two')
  await put({ Name: 'other' })
  expect(await at.ssm.deleteParameters({ Names: [Name, 'none'] })).toMatchObject({
    DeletedParameters: [Name],
    InvalidParameters: ['none'],
  })
  await at.ssm.deleteParameter({ Name: 'other' })
  expect(await refusal(at.ssm.deleteParameter({ Name: 'other' }))).toBe(
    'ParameterNotFound: Parameter other not found.',
  )
  expect([...at.store.all(parameterVersions)]).toEqual([])
})

test('the history shows every version with its labels', async () => {
  await put({ Description: 'of the shop' })
  await overwrite('two')
  expect(await at.ssm.labelParameterVersion({ Name, Labels: ['live', '1st'] })).toMatchObject({
    InvalidLabels: ['1st'],
    ParameterVersion: 2,
  })
  await at.ssm.labelParameterVersion({ Name, Labels: ['live'], ParameterVersion: 1 })
  await at.ssm.labelParameterVersion({ Name, Labels: ['live'] })
  const { Parameters } = await at.ssm.getParameterHistory({ Name, WithDecryption: true })
  expect(Parameters).toMatchObject([
    { Version: 1, Value: 'hunter2', Labels: [], Description: 'of the shop' },
    { Version: 2, Value: 'two', Labels: ['live'], LastModifiedUser: 'arn:aws:iam::111122223333:root' },
  ])
})

test('tags of parameters are added, listed and removed', async () => {
  const resource = { ResourceType: 'Parameter', ResourceId: Name } as const
  await put({ Tags: [{ Key: 'a', Value: '1' }] })
  await at.ssm.addTagsToResource({ ...resource, Tags: [{ Key: 'b', Value: '2' }] })
  await at.ssm.removeTagsFromResource({ ...resource, TagKeys: ['a'] })
  expect((await at.ssm.listTagsForResource(resource)).TagList).toEqual([{ Key: 'b', Value: '2' }])
  expect(await refusal(at.ssm.listTagsForResource({ ...resource, ResourceType: 'Document' }))).toContain(
    'InvalidResourceType',
  )
  expect(await refusal(at.ssm.listTagsForResource({ ...resource, ResourceId: '/none' }))).toContain(
    'InvalidResourceId',
  )
})

test('what is not there yet is refused by its name', async () => {
  expect(await refusal(at.ssm.listDocuments({}))).toBe(
    'UnsupportedFeatureException: ListDocuments is not supported by Berth yet.',
  )
})
