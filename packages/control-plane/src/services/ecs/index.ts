import * as client from '@aws-sdk/client-ecs'
import type { Service } from '../service.ts'
import { accountSettingOperations } from './operations/account-settings/index.ts'
import { attributeOperations } from './operations/attributes/index.ts'
import { clusterOperations } from './operations/clusters/index.ts'
import { tagOperations } from './operations/tags/index.ts'
import { taskDefinitionOperations } from './operations/task-definitions/index.ts'
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

/** Amazon ECS. Each folder under operations/ gives one list; each file under reconcilers/ one reconciler. */
export const ecsService: Service = {
  name: 'ecs',
  client,
  operations: [
    ...accountSettingOperations,
    ...attributeOperations,
    ...clusterOperations,
    ...tagOperations,
    ...taskDefinitionOperations,
  ],
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
  reconcilers: [],
}
