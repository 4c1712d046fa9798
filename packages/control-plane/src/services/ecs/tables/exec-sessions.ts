import { type BerthExecMessage, scopeKey, scopeOfArn } from '@berth/model'
import { defineHistory, defineTable, type Millis } from '../../../store/table.ts'

/** A command that somebody was let execute in a container, until its session is over. */
export interface ExecSessionRow extends Pick<BerthExecMessage, 'taskArn' | 'containerName' | 'command'> {
  /** `ecs-execute-command-…`. */
  readonly id: string
  readonly clusterArn: string
  readonly containerInstanceArn: string
  /** The container's id on its host. */
  readonly runtimeId: string
  /** Who asked, and from where. */
  readonly owner: string
  readonly sourceAddress: string
  /** SHA-256 of the token that opens the data channel, as hex. */
  readonly tokenHash: string
  readonly createdAt: Millis
  /** The data channel is open. The token opens it once. */
  readonly connectedAt?: Millis | undefined
}

/** How long a token may wait for its data channel. */
export const execTokenLifeMs = 5 * 60_000

export const execSessions = defineTable<ExecSessionRow>()({
  name: 'ecs.execSessions',
  indexes: {
    waiting: session => (session.connectedAt === undefined ? 'waiting' : undefined),
  },
})

/** Who executed what, and how it ended. */
export interface EndedExecSession extends Omit<ExecSessionRow, 'tokenHash'> {
  readonly endedAt: Millis
  readonly exitCode?: number | undefined
  readonly reason: string
}

export const endedExecSessions = defineHistory<EndedExecSession>({
  name: 'ecs.endedExecSessions',
  key: session => scopeKey(scopeOfArn(session.taskArn)),
  keepPerKey: 100_000,
})
