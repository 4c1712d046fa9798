/** The credentials of tasks' roles on their way to one agent: with each payload, and renewed long before they end. */
import { createHash } from 'node:crypto'
import type { PayloadCredentials, PayloadTask } from '@berth/model'
import type { TaskDefinitionRow, TaskRow } from '../services/ecs/tables/index.ts'
import { rolesOf, type TaskRoleType } from '../services/ecs/task-identity.ts'
import type { Millis } from '../store/table.ts'
import { credentialsLifeMs, type TaskCredentials } from '../task-credentials.ts'

const hourMs = 3_600_000
/** Two hours are left then; SDKs ask for new ones a quarter of an hour before the end. */
const renewAfterMs = credentialsLifeMs - 2 * hourMs
const retryAfterMs = 60_000
/** So that one turn does not sign those of every task of a large host. */
const mostRenewalsATick = 10

/** Agents that came together, after a server's start, are not renewed together: within an hour, each at its time. */
const spreadOf = (containerInstanceArn: string): Millis =>
  createHash('sha256').update(containerInstanceArn).digest().readUInt32BE() % hourMs

/** Nothing is known of tasks without roles, and they cost nothing. */
export class RoleCredentials {
  readonly #taskCredentials: TaskCredentials
  readonly #renewAfterMs: Millis
  /** When each task's are renewed: in order, because every task waits for equally long. */
  readonly #renewals = new Map<string, Millis>()
  /** Renewed, and not yet acknowledged: when they are sent again. */
  readonly #unacknowledged = new Map<string, { readonly at: Millis; readonly ids: Set<string> }>()

  constructor(taskCredentials: TaskCredentials, containerInstanceArn: string) {
    this.#taskCredentials = taskCredentials
    this.#renewAfterMs = renewAfterMs + spreadOf(containerInstanceArn) - hourMs
  }

  /** New ones of each of the task's roles, as the members of its payload. */
  forPayload(
    task: TaskRow,
    definition: TaskDefinitionRow,
    now: Millis,
  ): Pick<PayloadTask, 'roleCredentials' | 'executionRoleCredentials'> {
    const { TaskApplication, TaskExecution } = this.#issue(task, definition, now)
    if (TaskApplication || TaskExecution) this.#renewLater(task.id, now)
    return {
      ...(TaskApplication && { roleCredentials: TaskApplication }),
      ...(TaskExecution && { executionRoleCredentials: TaskExecution }),
    }
  }

  /** The tasks whose credentials are to be sent now. */
  due(now: Millis): readonly string[] {
    const due: string[] = []
    for (const [taskArn, { at }] of this.#unacknowledged)
      if (at <= now && due.length < mostRenewalsATick) due.push(taskArn)
      else break
    for (const [taskArn, at] of this.#renewals)
      if (at <= now && due.length < mostRenewalsATick) due.push(taskArn)
      else break
    return due
  }

  /** New ones to send outside of a payload; sent again until `acknowledge` has been told of each. */
  renew(
    task: TaskRow,
    definition: TaskDefinitionRow,
    now: Millis,
  ): readonly (readonly [TaskRoleType, PayloadCredentials])[] {
    this.forget(task.id)
    const { TaskApplication, TaskExecution } = this.#issue(task, definition, now)
    const issued = [
      ...(TaskApplication ? [['TaskApplication', TaskApplication] as const] : []),
      ...(TaskExecution ? [['TaskExecution', TaskExecution] as const] : []),
    ]
    const ids = new Set(issued.map(([, { credentialsId }]) => credentialsId))
    if (ids.size > 0) this.#unacknowledged.set(task.id, { at: now + retryAfterMs, ids })
    return issued
  }

  acknowledge(credentialsId: string, now: Millis): void {
    for (const [taskArn, { ids }] of this.#unacknowledged) {
      if (!ids.delete(credentialsId)) continue
      if (ids.size === 0) this.#renewLater(taskArn, now)
      return
    }
  }

  /** The task is over, or elsewhere. */
  forget(taskArn: string): void {
    this.#renewals.delete(taskArn)
    this.#unacknowledged.delete(taskArn)
  }

  #renewLater(taskArn: string, now: Millis): void {
    this.forget(taskArn)
    this.#renewals.set(taskArn, now + this.#renewAfterMs)
  }

  #issue(
    task: TaskRow,
    { definition }: TaskDefinitionRow,
    now: Millis,
  ): { readonly [Type in TaskRoleType]?: PayloadCredentials } {
    const { TaskApplication, TaskExecution } = rolesOf(task.id, definition, task.overrides)
    const issue = (roleType: TaskRoleType, roleArn: string): PayloadCredentials =>
      this.#taskCredentials.issue({ taskArn: task.id, roleType, roleArn, expiresAt: now + credentialsLifeMs })
    return {
      ...(TaskApplication && { TaskApplication: issue('TaskApplication', TaskApplication) }),
      ...(TaskExecution && { TaskExecution: issue('TaskExecution', TaskExecution) }),
    }
  }
}
