import type { ExecuteCommandRequest, ExecuteCommandResponse } from '@aws-sdk/client-ecs'
import { containerArn, lastSegment, scopeOfArn } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { execNotEnabled, invalidParameter, targetNotConnected } from '../../errors.ts'
import { newExecSession } from '../../exec-sessions.ts'
import { reachedEndpoint } from '../../reached-endpoint.ts'
import { activeCluster, existingTask } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { type ContainerState, containerInstances, execSessions, type TaskRow } from '../../tables/index.ts'

/** Berth's own: what was executed is kept for long. */
const longestCommand = 10_000

/**
 * Lets its caller open one data channel, to one command in one container.
 * (AWS: API reference, ExecuteCommand; "Monitor Amazon ECS containers with ECS Exec")
 */
export const executeCommand = operation<ExecuteCommandRequest, ExecuteCommandResponse>({
  name: 'ExecuteCommand',
  effect: 'writes',
  resources: ({ cluster, task }, { scope }) => [resourceInCluster(scope, 'task', cluster, task)],
  handle: (request, call) => {
    if (request.interactive !== true)
      throw invalidParameter('Interactive is the only mode supported currently.')
    if (!request.command?.trim()) throw invalidParameter('Command cannot be blank.')
    if (request.command.length > longestCommand)
      throw invalidParameter(`Command can have at most ${longestCommand} characters.`)
    const { command } = request
    return call.store.update(tx => {
      const cluster = activeCluster(tx, call.scope, request.cluster)
      const task = existingTask(tx, cluster, request.task ?? '')
      const container = containerOf(task, request.container)
      checkReachable(tx, task, container)
      const { row, token } = newExecSession({ task, container, command }, call)
      tx.put(execSessions, row)
      return {
        clusterArn: cluster.id,
        taskArn: task.id,
        containerArn: containerArn(scopeOfArn(task.id), cluster.name, lastSegment(task.id), container.id),
        containerName: container.name,
        interactive: true,
        session: { sessionId: row.id, streamUrl: streamUrl(call, row.id), tokenValue: token },
      }
    })
  },
})

const containerOf = (task: TaskRow, name: string | undefined): ContainerState => {
  const [first, ...others] = task.containers
  if (name === undefined && others.length > 0)
    throw invalidParameter('Container name is required, because the task has several containers.')
  const container = name === undefined ? first : task.containers.find(one => one.name === name)
  if (!container) throw invalidParameter(`The container ${name} was not found in the task.`)
  return container
}

/** Only what runs and answers can execute anything; the official agent's containers wait for a service of AWS's. */
const checkReachable = (view: View, task: TaskRow, container: ContainerState): void => {
  if (!task.enableExecuteCommand) throw execNotEnabled()
  const instance = task.containerInstanceArn && view.get(containerInstances, task.containerInstanceArn)
  const isUp = container.lastStatus === 'RUNNING' && container.executeCommandAgent?.lastStatus === 'RUNNING'
  if (!isUp || !instance || instance.agentKind !== 'berth' || !instance.agentConnected)
    throw targetNotConnected()
}

/** At the address that the caller reached us under. */
const streamUrl = (call: Call, sessionId: string): string => {
  const base = reachedEndpoint(call.request.headers)
  if (base === undefined) throw invalidParameter('The request has no Host header.')
  return `${base.replace(/^http/, 'ws')}/v1/data-channel/${sessionId}?role=publish_subscribe`
}
