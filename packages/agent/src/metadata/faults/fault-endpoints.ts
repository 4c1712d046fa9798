/**
 * `/fault/v1/KIND/start|stop|status`: a task makes its own network fail. What runs is read from the kernel each time, so that
 * nothing has to be remembered; it ends with the container, whose namespace it is in.
 * (AWS: "Amazon ECS fault injection endpoints")
 */
import type { Engine } from '../../engine/engine.ts'
import { networkModeOf } from '../../tasks/container-spec/index.ts'
import type { TaskState } from '../../tasks/task-state.ts'
import { type Answer, json } from '../answer.ts'
import type { RunCommand } from '../command.ts'
import { createRateLimit } from '../rate-limit.ts'
import { isBlackHoleRunning, startBlackHole, stopBlackHole } from './black-hole.ts'
import {
  type FaultKind,
  FaultRequestError,
  faultKinds,
  readBlackHole,
  readMembers,
  readShaping,
} from './fault-request.ts'
import { inNetworkOf, type RunInNamespace } from './namespace.ts'
import { NoNetem, startShaping, stopShaping, whichShaping } from './shaping.ts'

export interface FaultRequest {
  /** `network-latency/start`. */
  readonly path: string
  readonly body: string
  readonly task: TaskState
  /** Of the container that asks. */
  readonly runtimeId: string
}

export interface FaultEndpoints {
  /** Undefined when there is no such endpoint. */
  answer(request: FaultRequest): Promise<Answer | undefined>
}

export interface FaultEndpointsOptions {
  readonly engine: Engine
  readonly run: RunCommand
  readonly now: () => number
}

/** One request each five seconds: of every endpoint, for every container. */
const limits = { perSecond: 1 / 5, burst: 1 }

const actions = ['start', 'stop', 'status'] as const
type Action = (typeof actions)[number]

const failed = (status: number, message: string): Answer => json(status, { Error: message })
const succeeded = (status: 'running' | 'stopped' | 'not-running'): Answer => json(200, { Status: status })

export const createFaultEndpoints = ({ engine, run, now }: FaultEndpointsOptions): FaultEndpoints => {
  const rateLimit = createRateLimit(limits)
  const inOrder = createTurns()
  const act = async (kind: FaultKind, action: Action, { body, runtimeId }: FaultRequest): Promise<Answer> => {
    const pid = (await engine.inspect(runtimeId))?.pid
    if (pid === undefined) return failed(500, 'the container does not run')
    const network = inNetworkOf(run, pid)
    return kind === 'network-blackhole-port'
      ? answerBlackHole(action, body, network)
      : answerShaping(kind, action, body, network)
  }
  return {
    answer: async request => {
      const [kindName, actionName, ...rest] = request.path.split('/')
      const kind = faultKinds.find(name => name === kindName)
      const action = actions.find(name => name === actionName)
      if (kind === undefined || action === undefined || rest.length > 0) return undefined
      if (!rateLimit.admits(`${request.runtimeId} ${request.path}`, now()))
        return failed(429, 'Request was throttled')
      const refusal = refusalOf(request.task)
      if (refusal !== undefined) return failed(400, refusal)
      try {
        return await inOrder(request.runtimeId, () => act(kind, action, request))
      } catch (error) {
        if (error instanceof FaultRequestError) return failed(400, error.message)
        if (error instanceof NoNetem) return failed(500, error.message)
        throw error
      }
    },
  }
}

/** In the host's network the fault would be every task's, and the host's own. */
const refusalOf = ({ arn, payload }: TaskState): string | undefined => {
  if (payload.definition?.enableFaultInjection !== true)
    return `enableFaultInjection is not enabled for task: ${arn}`
  const mode = networkModeOf(payload) ?? payload.networkMode
  return mode === 'awsvpc' || mode === 'bridge'
    ? undefined
    : `${mode} mode is not supported. Please use either awsvpc or bridge mode.`
}

const answerBlackHole = async (action: Action, body: string, run: RunInNamespace): Promise<Answer> => {
  const fault = readBlackHole(readMembers(body))
  switch (action) {
    case 'start':
      await startBlackHole(run, fault)
      return succeeded('running')
    case 'stop':
      await stopBlackHole(run, fault)
      return succeeded('stopped')
    case 'status':
      return succeeded((await isBlackHoleRunning(run, fault)) ? 'running' : 'not-running')
  }
}

const names = { 'network-latency': 'network latency', 'network-packet-loss': 'network packet loss' }

/** Only a start says how; one of the two can run at a time. */
const answerShaping = async (
  kind: Exclude<FaultKind, 'network-blackhole-port'>,
  action: Action,
  body: string,
  run: RunInNamespace,
): Promise<Answer> => {
  const fault = action === 'start' ? readShaping(kind, readMembers(body)) : undefined
  const running = await whichShaping(run)
  if (action === 'status') return succeeded(running === kind ? 'running' : 'not-running')
  if (fault === undefined) {
    if (running === kind) await stopShaping(run)
    return succeeded('stopped')
  }
  if (running !== undefined) return failed(409, `There is already one ${names[running]} fault running`)
  await startShaping(run, fault)
  return succeeded('running')
}

/** Of one container, one request after another. */
const createTurns = (): (<Result>(runtimeId: string, act: () => Promise<Result>) => Promise<Result>) => {
  const turns = new Map<string, Promise<unknown>>()
  return async (runtimeId, act) => {
    const turn = (turns.get(runtimeId) ?? Promise.resolve()).catch(() => {}).then(act)
    turns.set(runtimeId, turn)
    try {
      return await turn
    } finally {
      if (turns.get(runtimeId) === turn) turns.delete(runtimeId)
    }
  }
}
