import { routeTableAssociationOperations } from './associations.ts'
import { routeOperations } from './routes.ts'
import { routeTableOperations } from './tables.ts'

export const routeTableFolder = [
  ...routeTableOperations,
  ...routeOperations,
  ...routeTableAssociationOperations,
]
