import { createSecretKey } from 'node:crypto'
import { agentSecretAccessKey } from '@berth/aws-api'
import { expect, test } from 'vitest'
import { signingKeys } from './credentials.ts'
import { isAgent } from './services/ecs/agent-identity.ts'
import { scope, storeWith } from './services/ecs/fixtures/rows.ts'
import { createTaskCredentials } from './task-credentials.ts'

const keys = {
  root: { accessKeyId: 'AKIAROOT', secretAccessKey: 'r' },
  agent: { accessKeyId: 'AKIAAGENT', secretAccessKey: 'a' },
}

test("The keys of further hosts' agents are known without having been told, and are agents' alone", async () => {
  const taskCredentials = createTaskCredentials(createSecretKey(Buffer.alloc(32)))
  const find = signingKeys(scope.accountId, keys, taskCredentials, await storeWith({}))
  const [one, other] = ['AKIAHOSTAAAAAAAAAAAA', 'AKIAHOSTBBBBBBBBBBBB'].map(id => find(id))
  expect(one?.secretAccessKey).toBe(agentSecretAccessKey('r', 'AKIAHOSTAAAAAAAAAAAA'))
  expect(one?.identity && isAgent(one.identity)).toBe(true)
  expect(one?.identity.isRoot).toBe(false)
  expect(other?.identity.arn).not.toBe(one?.identity.arn)
  expect(find('AKIAHOST')).toBeUndefined()
  expect(find('AKIAHOSTAAAAAAAAAAAA', 'a session token')).toBeUndefined()
})
