import * as client from '@aws-sdk/client-ecs'
import type { Service } from '../service.ts'
import { accountSettingOperations } from './operations/account-settings/index.ts'
import { attributeOperations } from './operations/attributes/index.ts'
import { clusterOperations } from './operations/clusters/index.ts'
import { tagOperations } from './operations/tags/index.ts'
import { taskDefinitionOperations } from './operations/task-definitions/index.ts'
import { unsupportedOperations } from './operations/unsupported.ts'
import { clientTokenReconciler } from './reconcilers/client-token.ts'
import {
  accountSettings,
  clientTokens,
  clusters,
  containerInstances,
  deployments,
  families,
  serviceEvents,
  services,
  stoppedTasks,
  taskDefinitions,
  tasks,
} from './tables/index.ts'

/** One list from each folder under operations/. */
const operations: Service['operations'] = [
  ...accountSettingOperations,
  ...attributeOperations,
  ...clusterOperations,
  ...tagOperations,
  ...taskDefinitionOperations,
]

/** Amazon ECS. */
export const ecsService: Service = {
  name: 'ecs',
  client,
  operations: [...operations, ...unsupportedOperations(client, operations)],
  tables: [
    accountSettings,
    clientTokens,
    clusters,
    containerInstances,
    deployments,
    families,
    services,
    taskDefinitions,
    tasks,
  ],
  histories: [serviceEvents, stoppedTasks],
  reconcilers: [clientTokenReconciler],
}
