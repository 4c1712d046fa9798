/** The credentials that the control plane gives with its tasks. In memory only: after a restart they are sent again. */
import type { IamRoleCredentialsMessage, PayloadTask } from '@berth/model'
import type { RoleCredentials } from '../tasks/resources/task-resource.ts'

export class TaskCredentials {
  readonly #byTask = new Map<string, RoleCredentials>()

  of(taskArn: string): RoleCredentials {
    return this.#byTask.get(taskArn) ?? {}
  }

  /** A payload without credentials leaves those that are known. */
  receive({ arn, roleCredentials, executionRoleCredentials }: PayloadTask): void {
    if (!roleCredentials && !executionRoleCredentials) return
    this.#byTask.set(arn, {
      ...this.of(arn),
      ...(roleCredentials && { role: roleCredentials }),
      ...(executionRoleCredentials && { executionRole: executionRoleCredentials }),
    })
  }

  /** New ones, before the earlier ones end. */
  renew({ taskArn, roleType, roleCredentials }: IamRoleCredentialsMessage): void {
    const name = roleType === 'TaskExecution' ? 'executionRole' : 'role'
    this.#byTask.set(taskArn, { ...this.of(taskArn), [name]: roleCredentials })
  }

  forget(taskArn: string): void {
    this.#byTask.delete(taskArn)
  }
}
