/** What deployments of a service run before they start its tasks: migrations of a database. (docs/migrations.md) */
import type { PreDeploymentTaskResponse, PutPreDeploymentTaskRequest, ServiceRequest } from '@berth/client'
import type { Transaction } from '../../../store/view.ts'
import {
  activeCluster,
  activeService,
  activeTaskDefinition,
  invalidParameter,
  mainContainerOf,
  type PreDeploymentTask,
  resourceInCluster,
  type ServiceRow,
  services,
} from '../../ecs/index.ts'
import { type Call, operation } from '../../service.ts'

const defaultMinutes = 60
/** As for life-cycle hooks. (AWS: DeploymentLifecycleHookTimeoutConfiguration) */
const mostMinutes = 20_160

const resources = ({ cluster, service }: ServiceRequest, { scope }: Call): readonly string[] => [
  resourceInCluster(scope, 'service', cluster, service),
]

const serviceOf = (view: Transaction | Call['store'], request: ServiceRequest, { scope }: Call): ServiceRow =>
  activeService(view, activeCluster(view, scope, request.cluster), request.service ?? '')

const response = ({ id, preDeploymentTask }: ServiceRow): PreDeploymentTaskResponse => ({
  serviceArn: id,
  ...(preDeploymentTask && { preDeploymentTask }),
})

/** What is wrong is found now, and not when a deployment waits for it. */
const checkedTask = (
  tx: Transaction,
  request: PutPreDeploymentTaskRequest,
  service: ServiceRow,
  { scope }: Call,
): PreDeploymentTask => {
  const { taskDefinition, command, container, timeoutInMinutes = defaultMinutes } = request
  if (timeoutInMinutes < 1 || timeoutInMinutes > mostMinutes)
    throw invalidParameter(`timeoutInMinutes must be between 1 and ${mostMinutes}.`)
  if (command?.length === 0) throw invalidParameter('command must have a word, or be absent.')
  if (container !== undefined && command === undefined)
    throw invalidParameter('A container is named for a command.')
  if (service.schedulingStrategy !== 'REPLICA' || (service.deploymentController?.type ?? 'ECS') !== 'ECS')
    throw invalidParameter('A pre-deployment task is for services of replicas that ECS deploys.')
  const { definition } = activeTaskDefinition(tx, scope, taskDefinition ?? service.taskDefinitionArn)
  if (command !== undefined) mainContainerOf(definition.containerDefinitions ?? [], container)
  return { taskDefinition, command, container, timeoutInMinutes }
}

const putPreDeploymentTask = operation<PutPreDeploymentTaskRequest, PreDeploymentTaskResponse>({
  name: 'PutPreDeploymentTask',
  effect: 'writes',
  resources,
  handle: (request, call) =>
    call.store.update(tx => {
      const before = serviceOf(tx, request, call)
      const after = { ...before, preDeploymentTask: checkedTask(tx, request, before, call) }
      tx.put(services, after)
      return response(after)
    }),
})

const deletePreDeploymentTask = operation<ServiceRequest, PreDeploymentTaskResponse>({
  name: 'DeletePreDeploymentTask',
  effect: 'frees',
  resources,
  handle: (request, call) =>
    call.store.update(tx => {
      const before = serviceOf(tx, request, call)
      if (before.preDeploymentTask) tx.put(services, { ...before, preDeploymentTask: undefined })
      return response({ ...before, preDeploymentTask: undefined })
    }),
})

const describePreDeploymentTask = operation<ServiceRequest, PreDeploymentTaskResponse>({
  name: 'DescribePreDeploymentTask',
  effect: 'reads',
  resources,
  handle: (request, call) => response(serviceOf(call.store, request, call)),
})

export const preDeploymentTaskOperations = [
  putPreDeploymentTask,
  deletePreDeploymentTask,
  describePreDeploymentTask,
]
