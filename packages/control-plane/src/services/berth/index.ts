/** Berth's own service: what ECS's users have asked for and ECS cannot do. (docs/decisions/0008-berth-has-a-service-of-its-own.md) */
import * as client from '@berth/client'
import type { Service } from '../service.ts'
import { historyOperations } from './operations/history.ts'
import { pauseOperations } from './operations/pauses.ts'
import { preDeploymentTaskOperations } from './operations/pre-deployment-tasks.ts'

export const berthService: Service = {
  name: 'berth',
  client,
  numberMembers: { doubles: {}, longs: {} },
  operations: [...historyOperations, ...pauseOperations, ...preDeploymentTaskOperations],
  tables: [],
  histories: [],
  reconcilers: [],
}
