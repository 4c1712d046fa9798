import type {
  DeregisterContainerInstanceRequest,
  DeregisterContainerInstanceResponse,
} from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { ownsInstance } from '../../agent-identity.ts'
import { accessDenied, containerInstanceNotFound, invalidParameter } from '../../errors.ts'
import { activeCluster, findContainerInstance } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { containerInstanceResponse } from '../../responses/container-instance.ts'
import { type ContainerInstanceRow, containerInstances, tasks } from '../../tables/index.ts'
import { type StopCause, stopForGood } from '../../task-stop.ts'

/** For good: the agent's session ends, and the tasks that it leaves behind are ours no longer. */
export const deregisterContainerInstance = operation<
  DeregisterContainerInstanceRequest,
  DeregisterContainerInstanceResponse
>({
  name: 'DeregisterContainerInstance',
  effect: 'frees',
  resources: ({ cluster }, { scope }) => [clusterResource(scope, cluster)],
  handle: (request, { store, scope, identity, now }) => {
    const id = store.update(tx => {
      const cluster = activeCluster(tx, scope, request.cluster)
      const reference = request.containerInstance ?? ''
      const instance = findContainerInstance(tx, cluster, reference)
      if (instance === undefined || instance.status === 'INACTIVE') throw containerInstanceNotFound(reference)
      if (!ownsInstance(identity, instance))
        throw accessDenied(identity.arn, 'ecs:DeregisterContainerInstance', instance.id)
      orphanTasks(tx, instance, request.force ?? false, now)
      tx.put(containerInstances, {
        ...instance,
        status: 'INACTIVE',
        agentConnected: false,
        disconnectedAt: now,
      })
      return instance.id
    })
    const row = store.get(containerInstances, id)
    return { containerInstance: row && containerInstanceResponse(store, row, { tags: true, health: false }) }
  },
})

/** (AWS: "Stopped task error messages") */
const forced: StopCause = {
  stopCode: 'UserInitiated',
  reason: 'Container instance deregistration forced by user.',
}

/**
 * Services replace what is STOPPED; what runs on the host is not watched any more, and keeps its network interface: the address
 * is not given again while somebody may answer there.
 */
const orphanTasks = (tx: Transaction, instance: ContainerInstanceRow, force: boolean, now: number): void => {
  const orphans = [...tx.where(tasks, 'byInstance', instance.id)]
  if (orphans.length > 0 && !force) throw invalidParameter('Found running tasks on the instance.')
  for (const task of orphans) {
    const mayKeepAddress = task.networkInterface?.created !== undefined
    tx.put(tasks, {
      ...stopForGood(task, forced, now),
      ...(mayKeepAddress && { stopUnconfirmed: true as const }),
    })
  }
}
