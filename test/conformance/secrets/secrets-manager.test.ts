import { beforeEach, describe, expect, test } from 'vitest'
import {
  secrets as secretsTable,
  secretVersions,
} from '../../../packages/control-plane/src/services/secretsmanager/tables/index.ts'
import { refusal, SecretsEndpoint } from './secrets-endpoint.ts'

let at: SecretsEndpoint
beforeEach(async () => {
  at = await SecretsEndpoint.start()
})

const Name = 'prod/db'
const notFound = "ResourceNotFoundException: Secrets Manager can't find the specified secret."
const dayMs = 24 * 60 * 60 * 1000
/** Version ids of 32 characters, told apart by their last. */
const id = (last: string): string => last.padStart(32, '0')
const create = (SecretString = 'one') =>
  at.secrets.createSecret({ Name, SecretString, ClientRequestToken: id('1') })
const put = (last: string, SecretString: string, VersionStages?: string[]) =>
  at.secrets.putSecretValue({ SecretId: Name, ClientRequestToken: id(last), SecretString, VersionStages })
const stages = async () => (await at.secrets.describeSecret({ SecretId: Name })).VersionIdsToStages
const currentValue = async (input: object = {}) =>
  (await at.secrets.getSecretValue({ SecretId: Name, ...input })).SecretString

describe('CreateSecret', () => {
  test('makes a secret whose ARN ends with six characters of its own', async () => {
    const { ARN, ...made } = await create()
    expect(made).toMatchObject({ Name, VersionId: id('1') })
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:111122223333:secret:prod\/db-[A-Za-z0-9]{6}$/)
    const shown = await at.secrets.getSecretValue({ SecretId: Name })
    expect(shown).toMatchObject({
      ARN,
      Name,
      SecretString: 'one',
      VersionId: id('1'),
      VersionStages: ['AWSCURRENT'],
    })
    expect(shown.CreatedDate?.getTime()).toBe(at.clock.now())
  })

  test('gives the same request the same answer, and refuses the name to another', async () => {
    const { ARN } = await create()
    expect((await create()).ARN).toBe(ARN)
    expect(await refusal(create('two'))).toBe(
      'ResourceExistsException: The operation failed because the secret prod/db already exists.',
    )
    expect(await currentValue()).toBe('one')
  })

  test('makes a secret without a value, whose first value is current', async () => {
    expect(await at.secrets.createSecret({ Name })).not.toHaveProperty('VersionId')
    expect(await refusal(currentValue())).toBe(
      "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    )
    await put('1', 'first', ['MINE'])
    expect(await stages()).toEqual({ [id('1')]: ['AWSCURRENT', 'MINE'] })
  })

  test('keeps bytes as they are', async () => {
    const SecretBinary = new Uint8Array([0, 255, 128])
    await at.secrets.createSecret({ Name, SecretBinary })
    expect(await at.secrets.getSecretValue({ SecretId: Name })).toMatchObject({ SecretBinary })
  })

  test.each([
    [
      { Name: 'with space' },
      'ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    ],
    [
      { SecretString: 'a', SecretBinary: new Uint8Array([1]) },
      "InvalidParameterException: You can't specify both a binary secret value and a string secret value in the same secret.",
    ],
    [
      { SecretString: 'x'.repeat(65_537) },
      "ValidationException: 1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536",
    ],
    [
      { ClientRequestToken: 'short' },
      'InvalidParameterException: ClientRequestToken must be 32-64 characters long.',
    ],
    [
      { KmsKeyId: 'alias/mine' },
      'InvalidParameterException: KmsKeyId is not supported: Berth encrypts with the key of its data directory. Leave it out, or say alias/aws/secretsmanager.',
    ],
    [
      { AddReplicaRegions: [{ Region: 'eu-west-1' }] },
      'InvalidParameterException: AddReplicaRegions is not supported: a server serves one region.',
    ],
    [
      { Tags: [{ Key: 'aws:x', Value: '' }] },
      'InvalidParameterException: Tag keys starting with aws: are reserved: aws:x',
    ],
  ])('refuses %j', async (input, message) => {
    expect(await refusal(at.secrets.createSecret({ Name, ...input }))).toBe(message)
    expect([...at.store.all(secretsTable)]).toEqual([])
  })
})

describe('a secret is found', () => {
  test('by its name, its ARN, and its ARN without the six characters', async () => {
    const { ARN = '' } = await create()
    for (const SecretId of [Name, ARN, ARN.slice(0, -7)]) expect(await currentValue({ SecretId })).toBe('one')
    for (const SecretId of [
      'prod',
      `${ARN.slice(0, -6)}xxxxxx`,
      ARN.replace('111122223333', '999999999999'),
      'arn:aws:s3:::a',
    ])
      expect(await refusal(currentValue({ SecretId }))).toBe(notFound)
  })

  test('not by a part of its ARN that looks like a whole one', async () => {
    const { ARN = '' } = await at.secrets.createSecret({ Name: 'a-b1c2d3', SecretString: 'x' })
    expect(await currentValue({ SecretId: 'a-b1c2d3' })).toBe('x')
    expect(await currentValue({ SecretId: ARN })).toBe('x')
    expect(await refusal(currentValue({ SecretId: ARN.slice(0, -7) }))).toBe(notFound)
  })
})

describe('versions', () => {
  test('a new value becomes current, and the one before it previous; older ones are deprecated', async () => {
    await create()
    expect(await put('2', 'two')).toMatchObject({ VersionId: id('2'), VersionStages: ['AWSCURRENT'] })
    await at.secrets.updateSecret({ SecretId: Name, SecretString: 'three', ClientRequestToken: id('3') })
    expect(await stages()).toEqual({ [id('2')]: ['AWSPREVIOUS'], [id('3')]: ['AWSCURRENT'] })
    expect(await currentValue({ VersionStage: 'AWSPREVIOUS' })).toBe('two')
    expect(await currentValue({ VersionId: id('1') })).toBe('one')
    const { Versions } = await at.secrets.listSecretVersionIds({ SecretId: Name, IncludeDeprecated: true })
    expect(Versions?.map(version => [version.VersionId, version.VersionStages])).toEqual([
      [id('1'), undefined],
      [id('2'), ['AWSPREVIOUS']],
      [id('3'), ['AWSCURRENT']],
    ])
  })

  test('a pending value is promoted by its label, as rotations do', async () => {
    await create()
    await put('2', 'two', ['AWSPENDING'])
    expect(await currentValue()).toBe('one')
    await at.secrets.updateSecretVersionStage({
      SecretId: Name,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: id('1'),
      MoveToVersionId: id('2'),
    })
    expect(await stages()).toEqual({ [id('1')]: ['AWSPREVIOUS'], [id('2')]: ['AWSCURRENT', 'AWSPENDING'] })
    await put('3', 'three')
    expect(await stages()).toEqual({ [id('2')]: ['AWSPREVIOUS'], [id('3')]: ['AWSCURRENT'] })
  })

  test('labels of one’s own move to where they are put last, and can be taken off', async () => {
    await create()
    await put('2', 'two', ['BLUE'])
    await put('3', 'three', ['BLUE'])
    expect(await stages()).toEqual({ [id('1')]: ['AWSCURRENT'], [id('3')]: ['BLUE'] })
    await at.secrets.updateSecretVersionStage({
      SecretId: Name,
      VersionStage: 'BLUE',
      RemoveFromVersionId: id('3'),
    })
    expect(await stages()).toEqual({ [id('1')]: ['AWSCURRENT'] })
  })

  test('a label is moved only by who says where it is', async () => {
    await create()
    await put('2', 'two', ['BLUE'])
    const move = (input: object) =>
      refusal(at.secrets.updateSecretVersionStage({ SecretId: Name, VersionStage: 'AWSCURRENT', ...input }))
    expect(await move({ MoveToVersionId: id('2') })).toBe(
      `InvalidParameterException: The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${id('1')}, so you must explicitly reference that version in RemoveFromVersionId.`,
    )
    expect(await move({ RemoveFromVersionId: id('1') })).toContain(
      'You can only move staging label AWSCURRENT',
    )
    expect(await move({ MoveToVersionId: id('9'), RemoveFromVersionId: id('1') })).toContain(
      'ResourceNotFoundException',
    )
    expect(await stages()).toEqual({ [id('1')]: ['AWSCURRENT'], [id('2')]: ['BLUE'] })
  })

  test('the same value may be put twice under one token; another one may not', async () => {
    const { ARN } = await create()
    await put('2', 'two')
    await put('2', 'two')
    expect(await refusal(put('2', 'other'))).toBe(
      `ResourceExistsException: You can't use ClientRequestToken ${id('2')} because that value is already in use for a version of secret ${ARN}.`,
    )
    expect(at.store.count(secretVersions, 'bySecret', ARN ?? '')).toBe(2)
  })

  test('a version and a stage must mean the same', async () => {
    await create()
    await put('2', 'two')
    expect(await refusal(currentValue({ VersionId: id('1'), VersionStage: 'AWSCURRENT' }))).toBe(
      'InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId.',
    )
    expect(await refusal(currentValue({ VersionId: id('7') }))).toBe(
      `ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: ${id('7')}`,
    )
  })

  test('outdated ones make room for new ones after a day', async () => {
    await create()
    for (let i = 2; i <= 100; i++) await put(`${i}`, `${i}`)
    expect(await refusal(put('101', 'x'))).toContain('LimitExceededException')
    await at.clock.advance(dayMs)
    await put('101', 'x')
    expect(await currentValue()).toBe('x')
    expect(await refusal(currentValue({ VersionId: id('1') }))).toContain('ResourceNotFoundException')
    expect(await currentValue({ VersionId: id('2') })).toBe('2')
  })
})

test('UpdateSecret without a value changes the description alone', async () => {
  await create()
  expect(await at.secrets.updateSecret({ SecretId: Name, Description: 'of the shop' })).not.toHaveProperty(
    'VersionId',
  )
  expect(await at.secrets.describeSecret({ SecretId: Name })).toMatchObject({
    Description: 'of the shop',
    VersionIdsToStages: { [id('1')]: ['AWSCURRENT'] },
  })
})

describe('DeleteSecret', () => {
  test('keeps a secret back for 30 days, in which it can be restored', async () => {
    await create()
    const { DeletionDate } = await at.secrets.deleteSecret({ SecretId: Name })
    expect(DeletionDate?.getTime()).toBe(at.clock.now() + 30 * dayMs)
    expect(await refusal(currentValue())).toBe(
      "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.",
    )
    expect(await refusal(create())).toBe(
      "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion.",
    )
    expect((await at.secrets.describeSecret({ SecretId: Name })).DeletedDate).toEqual(DeletionDate)
    await at.secrets.restoreSecret({ SecretId: Name })
    expect(await currentValue()).toBe('one')
  })

  test('deletes it and its values once the window has ended', async () => {
    await create()
    await at.secrets.deleteSecret({ SecretId: Name, RecoveryWindowInDays: 7 })
    await at.clock.advance(7 * dayMs - 1)
    at.settle()
    expect([...at.store.all(secretVersions)]).toHaveLength(1)
    await at.clock.advance(1)
    at.settle()
    expect([...at.store.all(secretVersions), ...at.store.all(secretsTable)]).toEqual([])
  })

  test('deletes by force at once, also what is not there, and frees the name', async () => {
    const { ARN } = await create()
    const force = () => at.secrets.deleteSecret({ SecretId: Name, ForceDeleteWithoutRecovery: true })
    expect(await force()).toMatchObject({ ARN, Name })
    expect(await force()).toMatchObject({ Name })
    expect((await create('again')).ARN).not.toBe(ARN)
    expect(await refusal(at.secrets.deleteSecret({ SecretId: 'other' }))).toBe(notFound)
  })

  test.each([
    [
      { RecoveryWindowInDays: 6 },
      'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
    ],
    [
      { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    ],
  ])('refuses %j', async (input, message) => {
    await create()
    expect(await refusal(at.secrets.deleteSecret({ SecretId: Name, ...input }))).toBe(
      `InvalidParameterException: ${message}`,
    )
    expect(await currentValue()).toBe('one')
  })
})

describe('ListSecrets', () => {
  beforeEach(async () => {
    for (const [name, Description] of [
      ['b', 'Of the shop'],
      ['a/2', 'x'],
      ['a/1', 'shop floor'],
    ]) {
      await at.secrets.createSecret({
        Name: name,
        Description,
        Tags: [{ Key: 'team', Value: `team-${name}` }],
      })
      await at.clock.advance(1000)
    }
  })
  const names = async (input: Parameters<typeof at.secrets.listSecrets>[0] = {}) =>
    (await at.secrets.listSecrets(input)).SecretList?.map(secret => secret.Name)

  test('shows those that are not to be deleted, in the order of their making or as asked', async () => {
    await at.secrets.deleteSecret({ SecretId: 'a/2' })
    expect(await names()).toEqual(['b', 'a/1'])
    expect(await names({ IncludePlannedDeletion: true })).toEqual(['b', 'a/2', 'a/1'])
    expect(await names({ SortBy: 'name', SortOrder: 'desc' })).toEqual(['b', 'a/1'])
  })

  test('filters', async () => {
    expect(await names({ Filters: [{ Key: 'name', Values: ['a/'] }] })).toEqual(['a/2', 'a/1'])
    expect(await names({ Filters: [{ Key: 'name', Values: ['!a/'] }] })).toEqual(['b'])
    expect(await names({ Filters: [{ Key: 'description', Values: ['of'] }] })).toEqual(['b'])
    expect(await names({ Filters: [{ Key: 'all', Values: ['SHOP'] }] })).toEqual(['b', 'a/1'])
    expect(
      await names({
        Filters: [
          { Key: 'tag-key', Values: ['team'] },
          { Key: 'tag-value', Values: ['team-b'] },
        ],
      }),
    ).toEqual(['b'])
  })

  test('comes in pages', async () => {
    const first = await at.secrets.listSecrets({ MaxResults: 2 })
    expect(first.SecretList?.length).toBe(2)
    expect(await names({ MaxResults: 2, NextToken: first.NextToken })).toEqual(['a/1'])
    expect(await refusal(names({ SortOrder: 'desc', NextToken: first.NextToken }))).toBe(
      'InvalidNextTokenException: The NextToken value is invalid.',
    )
  })
})

test('tags are added, changed and removed', async () => {
  await create()
  const tags = async () => (await at.secrets.describeSecret({ SecretId: Name })).Tags
  expect(await tags()).toBeUndefined()
  await at.secrets.tagResource({
    SecretId: Name,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  })
  await at.secrets.tagResource({ SecretId: Name, Tags: [{ Key: 'a', Value: '3' }] })
  expect(await tags()).toEqual([
    { Key: 'a', Value: '3' },
    { Key: 'b', Value: '2' },
  ])
  await at.secrets.untagResource({ SecretId: Name, TagKeys: ['a', 'b'] })
  expect(await tags()).toEqual([])
})

test('BatchGetSecretValue gives what there is, and says of each other one why not', async () => {
  await create()
  const { SecretValues, Errors } = await at.secrets.batchGetSecretValue({ SecretIdList: [Name, 'none'] })
  expect(SecretValues).toMatchObject([{ Name, SecretString: 'one' }])
  expect(Errors).toEqual([
    {
      SecretId: 'none',
      ErrorCode: 'ResourceNotFoundException',
      Message: "Secrets Manager can't find the specified secret.",
    },
  ])
})

test('what is not there yet is refused by its name', async () => {
  expect(await refusal(at.secrets.rotateSecret({ SecretId: Name }))).toBe(
    'UnsupportedFeatureException: RotateSecret is not supported by Berth yet.',
  )
})

test('no row holds a value that could be read', async () => {
  await create('a value that must not be found')
  const rows = JSON.stringify([...at.store.all(secretsTable), ...at.store.all(secretVersions)])
  expect(rows).not.toContain('must not be found')
  expect(rows).not.toContain(Buffer.from('a value that must not be found').toString('base64').slice(0, 20))
})
