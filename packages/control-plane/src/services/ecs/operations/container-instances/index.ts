import type { Service } from '../../../service.ts'
import { deregisterContainerInstance } from './deregister-container-instance.ts'
import { describeContainerInstances } from './describe-container-instances.ts'
import { listContainerInstances } from './list-container-instances.ts'
import { registerContainerInstance } from './register-container-instance.ts'
import { updateContainerAgent } from './update-container-agent.ts'
import { updateContainerInstancesState } from './update-container-instances-state.ts'

export const containerInstanceOperations: Service['operations'] = [
  deregisterContainerInstance,
  describeContainerInstances,
  listContainerInstances,
  registerContainerInstance,
  updateContainerAgent,
  updateContainerInstancesState,
]
