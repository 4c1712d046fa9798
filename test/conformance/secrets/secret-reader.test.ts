import { beforeEach, expect, test } from 'vitest'
import { createSecretReader, type ReadSecret } from '../../../packages/agent/src/secrets/index.ts'
import { credentials, region } from '../service-endpoint.ts'
import { refusal, SecretsEndpoint } from './secrets-endpoint.ts'

let at: SecretsEndpoint
let readSecret: ReadSecret
let arn: string
beforeEach(async () => {
  at = await SecretsEndpoint.start()
  readSecret = createSecretReader({
    endpoint: 'http://localhost:4566',
    region,
    requestHandler: at.requestHandler as never,
  })
  const SecretString = JSON.stringify({ user: 'app', port: 5432, deep: { a: [1] } })
  arn = (await at.secrets.createSecret({ Name: 'db', SecretString })).ARN ?? ''
})

const role = { ...credentials, credentialsId: 'id', roleArn: 'role', sessionToken: '', expiration: '' }
const read = (valueFrom: string) => readSecret(valueFrom, role)
const retried =
  'execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): '

test('a secret is read whole, by a JSON key, by a stage and by a version', async () => {
  await at.secrets.putSecretValue({
    SecretId: 'db',
    SecretString: 'second',
    ClientRequestToken: '2'.repeat(32),
  })
  expect(await read(arn)).toBe('second')
  expect(await read(arn.slice(0, -7))).toBe('second')
  expect(await read(`${arn}:user:AWSPREVIOUS:`)).toBe('app')
  expect(await read(`${arn}:port:AWSPREVIOUS:`)).toBe('5432')
  expect(await read(`${arn}:deep:AWSPREVIOUS:`)).toBe('{"a":[1]}')
  expect(await read(`${arn}:::${'2'.repeat(32)}`)).toBe('second')
})

test('a parameter is read decrypted by its name and its ARN', async () => {
  await at.ssm.putParameter({ Name: '/prod/key', Value: 'hunter2', Type: 'SecureString' })
  expect(await read('/prod/key')).toBe('hunter2')
  expect(await read('arn:aws:ssm:us-east-1:111122223333:parameter/prod/key')).toBe('hunter2')
})

test('what is not there is said in ECS’s words', async () => {
  const none = `${arn.slice(0, -6)}xxxxxx`
  expect(await refusal(read(none))).toBe(
    `SecretError: ${retried}failed to fetch secret ${none} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
  )
  await at.secrets.putSecretValue({ SecretId: 'db', SecretString: '{"a":"b"}' })
  expect(await refusal(read(`${arn}:colour::`))).toBe(
    `SecretError: ${retried}retrieved secret from Secrets Manager did not contain json key colour`,
  )
  expect(await refusal(read('/none'))).toBe(
    'SecretError: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /none',
  )
})

test('no refusal shows a value', async () => {
  const { ARN } = await at.secrets.createSecret({ Name: 'text', SecretString: '{hunter2' })
  const message = await refusal(read(`${ARN}:key::`))
  expect(message).toContain('is not a JSON object')
  expect(message).not.toContain('hunter2')
})

test('a control plane that does not answer is one that is away', async () => {
  const nobody = createSecretReader({ endpoint: 'http://127.0.0.1:1', region })
  expect(await refusal(nobody('/a', role))).toContain('EngineError: unable to retrieve secrets from ssm')
})
