/** The task's own fields. */
import { type FieldRows, honoured, kept, refused } from './row.ts'

const settings = 'test/e2e/container-settings.test.ts'
const endpoints = 'test/e2e/task-endpoints.test.ts'
const limits = 'test/e2e/task-limits.test.ts'
const namespaces = 'test/e2e/shared-namespaces.test.ts'
const placement = 'test/conformance/placement.test.ts'
const definitions = 'test/conformance/task-definitions.test.ts'

export const taskFields: FieldRows = {
  family: kept(
    'The name of the revisions; in the label com.amazonaws.ecs.task-definition-family of each container.',
    'packages/agent/src/tasks/container-spec/container-spec.test.ts',
    'carries Amazon',
  ),
  taskRoleArn: honoured(
    'Session credentials of the role at the credentials endpoint of the task. There are no policies yet: docs/agents.md says what they may do.',
    endpoints,
    'give the SDK',
  ),
  executionRoleArn: honoured(
    'The agent has session credentials of it, for what the definition names: secrets, registries. Logs are shipped with its own key.',
    'packages/control-plane/src/agents/role-credentials.test.ts',
    'carry credentials of both roles',
  ),
  networkMode: honoured(
    'bridge (the default), host and none; awsvpc where an agent has ecs.capability.task-eni (awsvpc.md).',
    settings,
    'none: the container has nothing but its loopback',
  ),
  'placementConstraints[].type': honoured('memberOf only.', placement, 'memberOf'),
  'placementConstraints[].expression': honoured(
    'Evaluated by the scheduler with the attributes of the host.',
    placement,
    'memberOf',
  ),
  requiresCompatibilities: honoured(
    'The rules of each launch type are checked; a launch type that is not among them is refused to RunTask.',
    settings,
    'EXTERNAL: runs here, too',
  ),
  cpu: honoured(
    'A hard limit, and the weight against other tasks, of one cgroup above all containers of the task.',
    limits,
    'are one cgroup above its containers',
  ),
  memory: honoured(
    'A hard limit of one cgroup above all containers of the task.',
    limits,
    'hold for all containers together',
  ),
  'tags[].key': kept('Tags of the revision; propagated to tasks when asked for.', definitions, 'tags'),
  'tags[].value': kept('Tags of the revision; propagated to tasks when asked for.', definitions, 'tags'),
  pidMode: honoured(
    'host, and task: a pause container that no answer shows holds the namespace, and reaps processes.',
    namespaces,
    'see one another',
  ),
  ipcMode: honoured(
    'host, none, and task: a pause container that no answer shows holds the namespace.',
    namespaces,
    'they share memory',
  ),
  'proxyConfiguration.containerName': refused(
    'No host has the attribute ecs.capability.aws-appmesh.',
    'packages/model/src/task-definition/task-definition.test.ts',
    'proxy',
  ),
  'proxyConfiguration.type': refused('As proxyConfiguration.containerName.'),
  'proxyConfiguration.properties[].name': refused('As proxyConfiguration.containerName.'),
  'proxyConfiguration.properties[].value': refused('As proxyConfiguration.containerName.'),
  'inferenceAccelerators[].deviceName': refused(
    'ClientException: Amazon has ended Elastic Inference.',
    definitions,
    'nference',
  ),
  'inferenceAccelerators[].deviceType': refused(
    'ClientException: Amazon has ended Elastic Inference.',
    definitions,
    'nference',
  ),
  'ephemeralStorage.sizeInGiB': {
    is: 'not yet',
    text: 'For Fargate only, and shown; a task has what disk its host has.',
    test: [
      'test/conformance/fargate.test.ts',
      'has the platform version and the storage that were asked for',
    ],
  },
  'runtimePlatform.cpuArchitecture': honoured(
    'Placed only on hosts whose attribute ecs.cpu-architecture says the same.',
    'packages/control-plane/src/services/ecs/placement/place.test.ts',
    'refuses an instance without a required attribute',
  ),
  'runtimePlatform.operatingSystemFamily': honoured(
    'Placed only on hosts of that family. Windows hosts, which need the official agent, take no other tasks; this is untested on Windows.',
    'packages/control-plane/src/services/ecs/placement/place.test.ts',
    'keeps tasks of Windows and Windows hosts together',
  ),
  enableFaultInjection: honoured(
    'The fault endpoints of the task work, in bridge mode, in the network namespace of the container that asks.',
    endpoints,
    'a port swallows what comes in',
  ),
}
