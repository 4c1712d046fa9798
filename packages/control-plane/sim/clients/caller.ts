import type { ListContainerInstancesResponse } from '@aws-sdk/client-ecs'
import type { World } from '../world.ts'
import type { Acknowledged } from './acknowledged.ts'
import type { Client } from './client.ts'
import type { Definitions } from './definitions.ts'
import type { WorkloadSize } from './workload.ts'

/** What every caller of one cluster uses. */
export interface Caller {
  readonly world: World
  readonly client: Client
  readonly known: Acknowledged
  readonly size: WorkloadSize
  readonly definitions: Definitions
  readonly cluster: string
}

export const instancesOf = async (
  { client, cluster }: Caller,
  status: 'ACTIVE' | 'DRAINING',
): Promise<readonly string[]> => {
  const outcome = await client.call('ListContainerInstances', { cluster, status })
  if (outcome.kind !== 'done') return []
  return (outcome.output as ListContainerInstancesResponse).containerInstanceArns ?? []
}
