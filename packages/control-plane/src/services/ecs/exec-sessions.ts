/** The life of an ECS Exec session: waiting for its data channel, connected, ended. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Millis } from '../../store/table.ts'
import type { Store, Transaction } from '../../store/view.ts'
import type { Call } from '../service.ts'
import {
  type ContainerState,
  type EndedExecSession,
  type ExecSessionRow,
  endedExecSessions,
  execSessions,
  execTokenLifeMs,
  type TaskRow,
} from './tables/index.ts'

export const newExecSession = (
  target: { readonly task: TaskRow; readonly container: ContainerState; readonly command: string },
  { randomHex, identity, request, now }: Call,
): { readonly row: ExecSessionRow; readonly token: string } => {
  const { task, container, command } = target
  const token = randomHex(32)
  const row = {
    id: `ecs-execute-command-${randomHex(9)}`,
    clusterArn: task.clusterArn,
    taskArn: task.id,
    containerInstanceArn: task.containerInstanceArn ?? '',
    containerName: container.name,
    runtimeId: container.runtimeId ?? '',
    command,
    owner: identity.arn,
    sourceAddress: request.sourceAddress,
    tokenHash: hashOf(token).toString('hex'),
    createdAt: now,
  }
  return { row, token }
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Undefined when the token opens nothing (any more): it opens one data channel, within five minutes. */
export const connectExecSession = (
  store: Store,
  sessionId: string,
  token: string,
  now: Millis,
): ExecSessionRow | undefined =>
  store.update(tx => {
    const session = tx.get(execSessions, sessionId)
    if (!session || session.connectedAt !== undefined || now > session.createdAt + execTokenLifeMs)
      return undefined
    if (!timingSafeEqual(hashOf(token), Buffer.from(session.tokenHash, 'hex'))) return undefined
    const connected = { ...session, connectedAt: now }
    tx.put(execSessions, connected)
    return connected
  })

export interface ExecSessionEnd {
  readonly exitCode?: number | undefined
  readonly reason: string
}

/** Keeps who executed what; nothing for a session that has ended already. */
export const endExecSession = (store: Store, sessionId: string, end: ExecSessionEnd, now: Millis): void =>
  store.update(tx => {
    const session = tx.get(execSessions, sessionId)
    if (session) writeEnd(tx, endedSession(session, end, now))
  })

export const endedSession = (
  { tokenHash: _, ...session }: ExecSessionRow,
  end: ExecSessionEnd,
  now: Millis,
): EndedExecSession => ({ ...session, ...end, endedAt: now })

const writeEnd = (tx: Transaction, ended: EndedExecSession): void => {
  tx.append(endedExecSessions, ended)
  tx.delete(execSessions, ended.id)
}

/** After a server's start: the data channels of its earlier life are gone. */
export const endLostExecSessions = (store: Store, now: Millis): void =>
  store.update(tx => {
    for (const session of [...tx.all(execSessions)])
      if (session.connectedAt !== undefined)
        writeEnd(tx, endedSession(session, { reason: 'The server was restarted.' }, now))
  })
