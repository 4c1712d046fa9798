import type { Service } from '../../../service.ts'
import type { StrategySettings } from '../../deployment/strategies/stage-state.ts'
import { createServiceWith } from './create-service.ts'
import { deleteService } from './delete-service.ts'
import { describeServices } from './describe-services.ts'
import { listServices } from './list-services.ts'
import { listServicesByNamespace } from './list-services-by-namespace.ts'
import { updateServiceWith } from './update-service.ts'

/** With what deployments may rest on: the operator's hooks, and who directs traffic. */
export const serviceOperations = (settings: StrategySettings): Service['operations'] => [
  createServiceWith(settings),
  deleteService,
  describeServices,
  listServices,
  listServicesByNamespace,
  updateServiceWith(settings),
]
