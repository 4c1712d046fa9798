import { expect, test } from 'vitest'
import { agentAccessKeyId, agentSecretAccessKey, isAgentAccessKeyId } from './agent-key.ts'

test('An agent key looks like a key of AWS, and is known by its id', () => {
  const id = agentAccessKeyId(Uint8Array.from({ length: 12 }, (_, index) => index * 21))
  expect(id).toMatch(/^AKIA[A-Z2-7]{16}$/)
  expect(isAgentAccessKeyId(id)).toBe(true)
  expect(agentSecretAccessKey('root', id)).toHaveLength(40)
  for (const other of ['AKIAENDTOENDTESTROOT', `${id}A`, `x${id}`, id.toLowerCase()])
    expect(isAgentAccessKeyId(other)).toBe(false)
})

test('Its secret is of this id and this root alone', () => {
  const secret = agentSecretAccessKey('root', 'AKIAHOSTAAAAAAAAAAAA')
  expect(agentSecretAccessKey('root', 'AKIAHOSTAAAAAAAAAAAA')).toBe(secret)
  expect(agentSecretAccessKey('root', 'AKIAHOSTAAAAAAAAAAAB')).not.toBe(secret)
  expect(agentSecretAccessKey('other', 'AKIAHOSTAAAAAAAAAAAA')).not.toBe(secret)
})
