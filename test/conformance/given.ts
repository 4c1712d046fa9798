/** What tests need before they begin, made through the API alone. */
import type { RegisterContainerInstanceRequest } from '@aws-sdk/client-ecs'
import { containerInstances } from '../../packages/control-plane/src/services/ecs/tables/index.ts'
import type { Berth } from './harness.ts'

const resources = (cpu: number, memoryMiB: number): RegisterContainerInstanceRequest['totalResources'] => [
  { name: 'CPU', type: 'INTEGER', integerValue: cpu },
  { name: 'MEMORY', type: 'INTEGER', integerValue: memoryMiB },
  { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22'] },
  { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
]

/** A host of four cores and 8 GiB; returns its ARN. Its agent has no session: nothing is ever reported by itself. */
export const registerInstance = async (
  berth: Berth,
  request: RegisterContainerInstanceRequest,
): Promise<string> => {
  const { containerInstance } = await berth.ecs.registerContainerInstance({
    totalResources: resources(4096, 8192),
    ...request,
  })
  return containerInstance?.containerInstanceArn ?? ''
}

/** As if the agent had opened its session. */
export const connectAgent = (berth: Berth, instanceArn: string): void =>
  berth.store.update(tx => {
    const row = tx.get(containerInstances, instanceArn)
    if (!row) throw new Error(`There is no container instance ${instanceArn}`)
    tx.put(containerInstances, { ...row, agentConnected: true, disconnectedAt: undefined })
  })
