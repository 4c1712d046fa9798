import { describe, expect, it } from 'vitest'
import { EngineError } from '../engine/engine.ts'
import { container } from '../tasks/tasks-fixtures.ts'
import { repositoryAuth } from './repository-credentials.ts'

const executionRole = {
  credentialsId: 'id',
  roleArn: 'arn:aws:iam::000000000000:role/execution',
  accessKeyId: 'ASIA',
  secretAccessKey: 's',
  sessionToken: 't',
  expiration: '2026-11-20T00:00:00Z',
}
const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:registry'

const authOf = (credentialsParameter: string, read: () => Promise<string>, role = executionRole) => {
  const asked: string[] = []
  const readSecret = (valueFrom: string) => {
    asked.push(valueFrom)
    return read()
  }
  const definition = { repositoryCredentials: { credentialsParameter } }
  return {
    asked,
    auth: repositoryAuth(container('app', { definition }), readSecret, 'us-east-1', role),
  }
}

describe("a container's own key of its registry", () => {
  it('is the secret that its repositoryCredentials name, by ARN or by name', async () => {
    for (const secret of [arn, 'registry']) {
      const { auth, asked } = authOf(secret, async () => '{"username":"me","password":"p","more":1}')
      expect(await auth).toEqual({ username: 'me', password: 'p' })
      expect(asked).toEqual([arn])
    }
  })

  it('is none when there are no repositoryCredentials', async () => {
    const never = () => Promise.reject(new Error('asked'))
    expect(await repositoryAuth(container('app'), never, 'us-east-1', undefined)).toBeUndefined()
  })

  it.each(['hush', '"hush"', 'null', '{"username":"hush"}', '{"username":"hush","password":1}'])(
    'is refused without being shown when it has another form: %s',
    async text => {
      const { auth } = authOf(arn, async () => text)
      await expect(auth).rejects.toThrow(
        `ResourceInitializationError: unable to pull secrets or registry auth: the secret ${arn} must be JSON with the members username and password`,
      )
    },
  )

  it('is refused with the reason of Secrets Manager', async () => {
    const { auth } = authOf(arn, () => Promise.reject(new Error('AccessDeniedException: no')))
    await expect(auth).rejects.toThrow(
      'ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException: no',
    )
  })

  it('is waited for while the control plane is away, and while its credentials are on their way', async () => {
    const away = authOf(arn, () => Promise.reject(new EngineError('unreachable', 'away')))
    await expect(away.auth).rejects.toMatchObject({ code: 'unreachable' })
    const definition = { repositoryCredentials: { credentialsParameter: arn } }
    const early = repositoryAuth(container('app', { definition }), async () => '', 'us-east-1', undefined)
    await expect(early).rejects.toMatchObject({ code: 'unreachable' })
  })
})
