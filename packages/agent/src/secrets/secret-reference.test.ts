import { expect, test } from 'vitest'
import { parseSecretReference } from './secret-reference.ts'

const secretId = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf'

test.each([
  [secretId, { kind: 'secret', secretId }],
  [`${secretId}:password::`, { kind: 'secret', secretId, jsonKey: 'password' }],
  [`${secretId}::AWSPREVIOUS:`, { kind: 'secret', secretId, versionStage: 'AWSPREVIOUS' }],
  [`${secretId}:::v1`, { kind: 'secret', secretId, versionId: 'v1' }],
  [`${secretId}:a:b:c`, { kind: 'secret', secretId, jsonKey: 'a', versionStage: 'b', versionId: 'c' }],
  ['/prod/db', { kind: 'parameter', name: '/prod/db' }],
  ['arn:aws:ssm:us-east-1:1:parameter/a', { kind: 'parameter', name: 'arn:aws:ssm:us-east-1:1:parameter/a' }],
])('%s is understood', (valueFrom, reference) => {
  expect(parseSecretReference(valueFrom)).toEqual(reference)
})

test.each([`${secretId}:password`, `${secretId}:a:b`, `${secretId}:a:b:c:d`, 'arn:aws:s3:::bucket', ''])(
  '%j is no reference',
  valueFrom => {
    expect(parseSecretReference(valueFrom)).toBeUndefined()
  },
)
