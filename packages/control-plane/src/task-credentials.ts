/**
 * Session credentials of tasks' roles, as AWS STS gives them. Nothing is stored: the session token says whose it is, sealed
 * by a key of this server, and the access key follows from the token. So they survive a restart, and cost no row.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { PayloadCredentials } from '@berth/model'
import type { TaskRoleType, TaskSession } from './services/ecs/task-identity.ts'
import { upperCaseBase32 } from './upper-case-base32.ts'

/** ECS's credentials of tasks are good for six hours. (AWS: "Amazon ECS task IAM role") */
export const credentialsLifeMs = 6 * 3_600_000

export interface TaskCredentials {
  /** The same credentialsId for the same role of a task always: containers keep it in their environment. */
  issue(session: TaskSession): PayloadCredentials
  /** What a token says when this server has sealed it, with the secret of its access key. */
  open(accessKeyId: string, sessionToken: string): OpenedToken | undefined
}

export interface OpenedToken {
  readonly session: TaskSession
  readonly secretAccessKey: string
}

/** Short names, because the token goes with every request. */
interface Claims {
  readonly t: string
  readonly k: TaskRoleType
  readonly r: string
  readonly e: number
}

export const createTaskCredentials = (key: KeyObject): TaskCredentials => {
  const derive = (purpose: string, text: string): Buffer =>
    createHmac('sha256', key).update(purpose).update('\0').update(text).digest()

  const seal = ({ taskArn, roleType, roleArn, expiresAt }: TaskSession): string => {
    const claims: Claims = { t: taskArn, k: roleType, r: roleArn, e: expiresAt }
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url')
    return `${body}.${derive('token', body).toString('base64url')}`
  }

  const accessKeyOf = (sessionToken: string): { accessKeyId: string; secretAccessKey: string } => ({
    accessKeyId: `ASIA${upperCaseBase32(derive('id', sessionToken).subarray(0, 16))}`,
    secretAccessKey: derive('secret', sessionToken).subarray(0, 30).toString('base64'),
  })

  return {
    issue: session => {
      const sessionToken = seal(session)
      return {
        credentialsId: derive('credentials', `${session.roleType} ${session.taskArn}`).toString('base64url'),
        roleArn: session.roleArn,
        ...accessKeyOf(sessionToken),
        sessionToken,
        expiration: new Date(session.expiresAt).toISOString(),
      }
    },
    open: (accessKeyId, sessionToken) => {
      const [body = '', seal = ''] = sessionToken.split('.')
      const given = Buffer.from(seal, 'base64url')
      const expected = derive('token', body)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
      const { accessKeyId: known, secretAccessKey } = accessKeyOf(sessionToken)
      if (known !== accessKeyId) return undefined
      const { t, k, r, e } = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
      return { session: { taskArn: t, roleType: k, roleArn: r, expiresAt: e }, secretAccessKey }
    },
  }
}
