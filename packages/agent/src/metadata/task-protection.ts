/** `/task-protection/v1/state`: the task asks ECS, with its own role's credentials, not to be scaled in. */
import {
  ECSClient,
  type Failure,
  GetTaskProtectionCommand,
  type ProtectedTask,
  UpdateTaskProtectionCommand,
} from '@aws-sdk/client-ecs'
import type { PayloadCredentials } from '@berth/model'
import { requestLimits } from '../request-limits.ts'
import { type Answer, json } from './answer.ts'
import type { ServiceError } from './service-error.ts'

export interface ProtectionCall {
  readonly endpoint: string
  readonly region: string
  readonly cluster: string
  readonly taskArn: string
  readonly credentials: PayloadCredentials | undefined
}

export const getProtection = (call: ProtectionCall): Promise<Answer> =>
  ask(call, (ecs, task) => ecs.send(new GetTaskProtectionCommand(task)))

/** `body`: `{"ProtectionEnabled": true, "ExpiresInMinutes": 60}`, of which the second may be absent. */
export const putProtection = async (call: ProtectionCall, body: string): Promise<Answer> => {
  const request = readRequest(body)
  if (request === undefined)
    return refusal(400, '', 'InvalidParameterException', 'UpdateTaskProtection: failed to decode request')
  const { ProtectionEnabled: protectionEnabled, ExpiresInMinutes: expiresInMinutes } = request
  if (protectionEnabled === undefined) {
    const message = "Invalid request: does not contain 'ProtectionEnabled' field"
    return refusal(400, call.taskArn, 'InvalidParameterException', message)
  }
  return ask(call, (ecs, task) =>
    ecs.send(new UpdateTaskProtectionCommand({ ...task, protectionEnabled, expiresInMinutes })),
  )
}

interface ProtectionRequest {
  readonly ProtectionEnabled?: boolean
  readonly ExpiresInMinutes?: number
}

/** Undefined when it is no such request: unknown members are refused, too. */
const readRequest = (body: string): ProtectionRequest | undefined => {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
    const { ProtectionEnabled: enabled, ExpiresInMinutes: minutes, ...rest } = parsed as ProtectionRequest
    if (Object.keys(rest).length > 0) return undefined
    if (enabled !== undefined && enabled !== null && typeof enabled !== 'boolean') return undefined
    if (minutes !== undefined && minutes !== null && !Number.isInteger(minutes)) return undefined
    return {
      ...(enabled != null && { ProtectionEnabled: enabled }),
      ...(minutes != null && { ExpiresInMinutes: minutes }),
    }
  } catch {
    return undefined
  }
}

type Send = (
  ecs: ECSClient,
  task: { readonly cluster: string; readonly tasks: string[] },
) => Promise<{ protectedTasks?: ProtectedTask[] | undefined; failures?: Failure[] | undefined }>

const ask = async (call: ProtectionCall, send: Send): Promise<Answer> => {
  const { endpoint, region, cluster, taskArn } = call
  if (call.credentials === undefined) {
    const message = 'Invalid Request: no task IAM role credentials available for task'
    return refusal(403, taskArn, 'AccessDeniedException', message)
  }
  const { expiration: _, ...credentials } = call.credentials
  const ecs = new ECSClient({ endpoint, region, credentials, requestHandler: requestLimits })
  try {
    const { protectedTasks, failures } = await send(ecs, { cluster, tasks: [taskArn] })
    const [failure] = failures ?? []
    return json(200, failure ? failureAnswer(failure) : protectionAnswer(protectedTasks?.[0]))
  } catch (error) {
    const { name = 'ServerException', message = '', $metadata } = error as ServiceError
    return refusal($metadata?.httpStatusCode ?? 500, taskArn, name, message, $metadata?.requestId)
  } finally {
    ecs.destroy()
  }
}

/** As the official agent spells them. (AWS: "Amazon ECS task scale-in protection endpoint") */
const protectionAnswer = (task: ProtectedTask | undefined): object => ({
  protection: {
    ExpirationDate: task?.expirationDate?.toISOString() ?? null,
    ProtectionEnabled: task?.protectionEnabled ?? false,
    TaskArn: task?.taskArn ?? null,
  },
})

const failureAnswer = ({ arn, detail, reason }: Failure): object => ({
  failure: { Arn: arn ?? null, Detail: detail ?? null, Reason: reason ?? null },
})

const refusal = (status: number, arn: string, code: string, message: string, requestID?: string): Answer =>
  json(status, {
    ...(requestID && { requestID }),
    error: { ...(arn && { Arn: arn }), Code: code, Message: message },
  })
