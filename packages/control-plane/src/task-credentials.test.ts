import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { signingKeys } from './credentials.ts'
import { given, scope, start, storeWith } from './services/ecs/fixtures/rows.ts'
import type { TaskSession } from './services/ecs/task-identity.ts'
import { createTaskCredentials } from './task-credentials.ts'

const credentialsOf = (byte: number) => createTaskCredentials(createSecretKey(Buffer.alloc(32, byte)))
const taskCredentials = credentialsOf(1)
const task = given.task(1)
const session: TaskSession = {
  taskArn: task.id,
  roleType: 'TaskApplication',
  roleArn: `arn:aws:iam::${scope.accountId}:role/team/reader`,
  expiresAt: start + 3_600_000,
}
const keys = {
  root: { accessKeyId: 'AKIAROOT', secretAccessKey: 'r' },
  agent: { accessKeyId: 'AKIAAGENT', secretAccessKey: 'a' },
}

const finderOf = async (change = {}) => {
  const store = await storeWith({ tasks: [given.task(1, change)], taskDefinitions: [given.taskDefinition()] })
  return signingKeys(scope.accountId, keys, taskCredentials, store)
}

test('Credentials have the form of those of AWS STS, and end when they say', () => {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, roleArn } = taskCredentials.issue(session)
  expect(accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
  expect(secretAccessKey).toHaveLength(40)
  expect(expiration).toBe(new Date(session.expiresAt).toISOString())
  expect(roleArn).toBe(session.roleArn)
  expect(taskCredentials.open(accessKeyId, sessionToken)).toEqual({ session, secretAccessKey })
})

test('They survive a restart with the same key, and are worth nothing to a server with another', () => {
  const { accessKeyId, sessionToken } = taskCredentials.issue(session)
  expect(credentialsOf(1).open(accessKeyId, sessionToken)?.session).toEqual(session)
  expect(credentialsOf(2).open(accessKeyId, sessionToken)).toBeUndefined()
})

test('Neither the token nor its access key can be changed', () => {
  const { accessKeyId, sessionToken } = taskCredentials.issue(session)
  const [body = '', seal = ''] = sessionToken.split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  const longer = Buffer.from(JSON.stringify({ ...claims, e: claims.e + 1 })).toString('base64url')
  const other = taskCredentials.issue({ ...session, roleType: 'TaskExecution' })
  for (const [id, token] of [
    [accessKeyId, `${longer}.${seal}`],
    [accessKeyId, `${sessionToken}.x`],
    [accessKeyId, body],
    [accessKeyId, ''],
    [accessKeyId, 'nonsense'],
    [other.accessKeyId, sessionToken],
  ] as const)
    expect(taskCredentials.open(id, token)).toBeUndefined()
})

test("A role's id in the containers' environment stays the same when its credentials are renewed", () => {
  const { credentialsId } = taskCredentials.issue(session)
  expect(taskCredentials.issue({ ...session, expiresAt: start + 1 }).credentialsId).toBe(credentialsId)
  expect(taskCredentials.issue({ ...session, roleType: 'TaskExecution' }).credentialsId).not.toBe(
    credentialsId,
  )
})

test('Who signs with them is a session of the role, named after the task', async () => {
  const find = await finderOf()
  const { accessKeyId, sessionToken, secretAccessKey } = taskCredentials.issue(session)
  expect(find(accessKeyId, sessionToken)).toEqual({
    secretAccessKey,
    sessionToken,
    expiresAt: session.expiresAt,
    identity: {
      accountId: scope.accountId,
      arn: `arn:aws:sts::${scope.accountId}:assumed-role/reader/00000000000000000000000000000001`,
      userId: expect.stringMatching(/^AROA[0-9A-F]{17}:00000000000000000000000000000001$/),
      accessKeyId,
      isRoot: false,
      session,
    },
  })
  expect(find(accessKeyId)).toBeUndefined()
  expect(find('AKIAROOT')?.identity.isRoot).toBe(true)
})

test('They end two minutes after their task is STOPPED, and with it when it is forgotten', async () => {
  const { accessKeyId, sessionToken } = taskCredentials.issue(session)
  const stopped = await finderOf({ desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stoppedAt: start })
  expect(stopped(accessKeyId, sessionToken)?.expiresAt).toBe(start + 120_000)
  const ofAnother = taskCredentials.issue({ ...session, taskArn: given.task(2).id })
  expect(stopped(ofAnother.accessKeyId, ofAnother.sessionToken)?.expiresAt).toBe(0)
})
