import type { Service } from '../../../service.ts'
import { createService } from './create-service.ts'
import { deleteService } from './delete-service.ts'
import { describeServices } from './describe-services.ts'
import { listServices } from './list-services.ts'
import { listServicesByNamespace } from './list-services-by-namespace.ts'
import { updateService } from './update-service.ts'

export const serviceOperations: Service['operations'] = [
  createService,
  deleteService,
  describeServices,
  listServices,
  listServicesByNamespace,
  updateService,
]
