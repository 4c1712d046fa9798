/** Session Manager's list of sessions: those of ECS Exec, which are the only ones here. */
import type {
  DescribeSessionsRequest,
  DescribeSessionsResponse,
  Session,
  SessionFilter,
  TerminateSessionRequest,
  TerminateSessionResponse,
} from '@aws-sdk/client-ssm'
import { AwsError } from '@berth/aws-api'
import { lastSegment, scopeKey, scopeOfArn } from '@berth/model'
import {
  type EndedExecSession,
  type ExecSessionRow,
  endExecSession,
  endedExecSessions,
  execSessions,
} from '../../ecs/index.ts'
import { readListToken, writeListToken } from '../../list-token.ts'
import { type Call, operation } from '../../service.ts'
import { millisOf, timestamp } from '../../timestamp.ts'
import { constraint, invalidFilterKey, pageRules } from '../errors.ts'

type AnySession = Omit<ExecSessionRow, 'tokenHash'> & Partial<EndedExecSession>

const { most, invalidSize, invalidToken } = pageRules(200)

/** As the AWS CLI names the target of ECS Exec. */
const targetOf = ({ clusterArn, taskArn, runtimeId }: AnySession): string =>
  `ecs:${lastSegment(clusterArn)}_${lastSegment(taskArn)}_${runtimeId}`

const statusOf = ({ connectedAt, endedAt }: AnySession): NonNullable<Session['Status']> => {
  if (endedAt !== undefined) return connectedAt === undefined ? 'Failed' : 'Terminated'
  return connectedAt === undefined ? 'Connecting' : 'Connected'
}

/** AWS keeps Details for later; here they say what was executed, and how it ended. */
const detailsOf = ({ containerName, command, exitCode, reason }: AnySession): string =>
  JSON.stringify({ container: containerName, command, exitCode, reason }).slice(0, 1024)

const sessionResponse = (session: AnySession): Session => ({
  SessionId: session.id,
  Target: targetOf(session),
  Status: statusOf(session),
  StartDate: timestamp(session.createdAt),
  EndDate: timestamp(session.endedAt),
  DocumentName: 'AmazonECS-ExecuteInteractiveCommand',
  Owner: session.owner,
  Details: detailsOf(session),
  AccessType: 'Standard',
})

const filters: Readonly<Record<string, (session: AnySession, value: string) => boolean>> = {
  InvokedAfter: ({ createdAt }, value) => createdAt >= timeOf(value),
  InvokedBefore: ({ createdAt }, value) => createdAt <= timeOf(value),
  Target: (session, value) => targetOf(session) === value,
  Owner: ({ owner }, value) => owner === value,
  Status: (session, value) => statusOf(session) === value,
  SessionId: ({ id }, value) => id === value,
  AccessType: (_session, value) => value === 'Standard',
}

const timeOf = (text: string): number => {
  const time = millisOf(text)
  if (time === undefined) throw constraint('filters', 'be a time as ISO 8601 has it')
  return time
}

const matches = (session: AnySession, wanted: readonly SessionFilter[] = []): boolean =>
  wanted.every(({ key = '', value = '' }) => {
    const filter = filters[key]
    if (!filter) throw invalidFilterKey(key)
    return filter(session, value)
  })

/** Where a page ends: the cursor of history, or the last session that was shown. */
const readToken = (list: string, { NextToken }: DescribeSessionsRequest): string | undefined => {
  const from = NextToken === undefined ? undefined : readListToken(list, NextToken)
  if (NextToken !== undefined && from === undefined) throw invalidToken()
  return from
}

const activeSessions = (request: DescribeSessionsRequest, list: string, size: number, call: Call) => {
  const scope = scopeKey(call.scope)
  const all = [...call.store.all(execSessions)]
    .filter(session => scopeKey(scopeOfArn(session.taskArn)) === scope && matches(session, request.Filters))
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
  const from = readToken(list, request)
  const start = from === undefined ? 0 : all.findIndex(({ id }) => id === from) + 1
  if (from !== undefined && start === 0) throw invalidToken()
  const page = all.slice(start, start + size)
  const hasMore = start + size < all.length
  return { sessions: page, next: hasMore ? page.at(-1)?.id : undefined }
}

/** Filters are applied to each page of history: a page may hold fewer than were asked for, and still not be the last. */
const endedSessions = async (
  request: DescribeSessionsRequest,
  list: string,
  limit: number,
  { store, scope }: Call,
) => {
  const from = readToken(list, request)
  const { records, next } = await store.history.read(endedExecSessions, scopeKey(scope), {
    limit,
    ...(from !== undefined && { from }),
  })
  return { sessions: records.filter(session => matches(session, request.Filters)), next }
}

const describeSessions = operation<DescribeSessionsRequest, DescribeSessionsResponse>({
  name: 'DescribeSessions',
  effect: 'reads',
  resources: () => ['*'],
  handle: async (request, call) => {
    const size = request.MaxResults ?? most
    if (size < 1 || size > most) throw invalidSize()
    const list = `DescribeSessions|${scopeKey(call.scope)}|${request.State}|${JSON.stringify(request.Filters ?? [])}`
    const read = request.State === 'History' ? endedSessions : activeSessions
    const { sessions, next } = await read(request, list, size, call)
    return {
      Sessions: sessions.map(sessionResponse),
      ...(next !== undefined && { NextToken: writeListToken(list, next) }),
    }
  },
})

/** Ends the command with its session. A session that has ended is left as it is. */
const terminateSession = operation<TerminateSessionRequest, TerminateSessionResponse>({
  name: 'TerminateSession',
  effect: 'frees',
  resources: ({ SessionId }, { scope }) => [
    `arn:aws:ssm:${scope.region}:${scope.accountId}:session/${SessionId}`,
  ],
  handle: async ({ SessionId = '' }, { store, identity, now }) => {
    const session = store.get(execSessions, SessionId)
    if (!session) throw new AwsError('DoesNotExistException', `The session ${SessionId} does not exist.`)
    endExecSession(store, SessionId, { reason: `The session was terminated by ${identity.arn}.` }, now)
    return { SessionId }
  },
})

export const sessionOperations = [describeSessions, terminateSession]
