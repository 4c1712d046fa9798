import type {
  Failure,
  UpdateContainerInstancesStateRequest,
  UpdateContainerInstancesStateResponse,
} from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { activeCluster, containerInstanceArnOf } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { containerInstanceResponse } from '../../responses/container-instance.ts'
import { containerInstances } from '../../tables/index.ts'

/** A DRAINING instance gets no new tasks, and services move theirs away; ACTIVE takes that back. */
export const updateContainerInstancesState = operation<
  UpdateContainerInstancesStateRequest,
  UpdateContainerInstancesStateResponse
>({
  name: 'UpdateContainerInstancesState',
  effect: 'writes',
  resources: ({ cluster, containerInstances: references = [] }, { scope }) =>
    references.map(reference => resourceInCluster(scope, 'container-instance', cluster, reference)),
  handle: (request, { store, scope }) => {
    const { status } = request
    if (status !== 'ACTIVE' && status !== 'DRAINING')
      throw invalidParameter('Container instance status must be one of [ACTIVE, DRAINING].')
    const references = request.containerInstances ?? []
    if (references.length < 1 || references.length > 10)
      throw invalidParameter('The number of container instances must be between 1 and 10.')
    const failures: Failure[] = []
    const ids = store.update(tx => {
      const cluster = activeCluster(tx, scope, request.cluster)
      return references.flatMap(reference => {
        const arn = containerInstanceArnOf(cluster, reference)
        const instance = tx.get(containerInstances, arn)
        if (instance === undefined || instance.status === 'INACTIVE') {
          failures.push({ arn, reason: instance ? 'INACTIVE' : 'MISSING' })
          return []
        }
        if (instance.status !== status) tx.put(containerInstances, { ...instance, status })
        return arn
      })
    })
    const rows = ids.map(id => store.get(containerInstances, id)).filter(row => row !== undefined)
    const show = { tags: false, health: false }
    return { containerInstances: rows.map(row => containerInstanceResponse(store, row, show)), failures }
  },
})
