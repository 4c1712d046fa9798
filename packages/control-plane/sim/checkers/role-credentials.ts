import type { IamRoleCredentialsMessage, PayloadCredentials, PayloadMessage } from '@berth/model'
import type { TaskCredentials } from '../../src/task-credentials.ts'
import type { Checker } from './checker.ts'

/** Credentials are those of the task that they come with, and only the task's own host gets them. */
export const roleCredentials = (taskCredentials: TaskCredentials): Checker => {
  const instanceOf = new Map<string, string>()
  const check = (
    taskArn: string,
    instance: string,
    { accessKeyId, sessionToken }: PayloadCredentials,
  ): string | undefined => {
    const session = taskCredentials.open(accessKeyId, sessionToken)?.session
    if (session?.taskArn !== taskArn) return `${taskArn} gets the credentials of ${session?.taskArn}`
    const other = instanceOf.get(taskArn) ?? instance
    instanceOf.set(taskArn, other)
    return other === instance
      ? undefined
      : `${instance} gets the credentials of ${taskArn}, and so did ${other}`
  }
  return {
    name: 'role-credentials',
    sent: (_, { type, message }, instance) => {
      if (type === 'IamRoleCredentialsMessage') {
        const { taskArn, roleCredentials: renewed } = message as IamRoleCredentialsMessage
        return check(taskArn, instance, renewed)
      }
      if (type !== 'PayloadMessage') return undefined
      for (const { arn, roleCredentials: own } of (message as PayloadMessage).tasks) {
        const wrong = own && check(arn, instance, own)
        if (wrong) return wrong
      }
      return undefined
    },
  }
}
