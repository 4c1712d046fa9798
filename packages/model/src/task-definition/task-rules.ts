/** What must hold of a task definition as a whole. (AWS: "Task definition parameters") */
import { parseExpression, QuerySyntaxError } from '../query-language/index.ts'
import { namePattern } from './name-pattern.ts'
import { repeated } from './repeated.ts'
import { parseTaskCpu, parseTaskMemory } from './task-size.ts'
import type { ContainerLike, DefinitionLike, Problems } from './types.ts'
import { volumeProblems } from './volume-rules.ts'

const mostContainers = 10
const mostConstraints = 10
const smallestCpu = 128
const largestCpu = 196_608
const leastStorageGiB = 21
const mostStorageGiB = 200

const troubleshooting =
  'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

export function* taskProblems(definition: DefinitionLike): Problems {
  if (!definition.family) yield 'TaskDefinition.family should not be null or empty.'
  else if (!namePattern.test(definition.family)) yield 'Family contains invalid characters.'
  yield* containerListProblems(definition.containerDefinitions ?? [])
  yield* roleProblems(definition)
  yield* sizeProblems(definition)
  yield* volumeProblems(definition)
  yield* constraintProblems(definition)
  yield* proxyProblems(definition)
  yield* storageProblems(definition)
  if (definition.inferenceAccelerators?.length)
    yield "Unsupported field 'inferenceAccelerators'. Amazon Elastic Inference is no longer available."
}

function* containerListProblems(containers: readonly ContainerLike[]): Problems {
  if (containers.length === 0) yield 'Container list cannot be empty.'
  if (containers.length > mostContainers)
    yield `Too many container definitions: ${containers.length}. The maximum is ${mostContainers}.`
  for (const { name } of containers)
    if (!name) yield 'Container.name should not be null or empty.'
    else if (!namePattern.test(name)) yield `Container name contains invalid characters: '${name}'.`
  const twice = repeated(containers.map(({ name }) => name))
  if (twice)
    yield `Container names must be unique within a task definition: '${twice}' is used more than once.`
  if (!containers.some(container => container.essential !== false))
    yield 'At least one container of the task definition must be essential.'
}

function* roleProblems({ taskRoleArn, executionRoleArn }: DefinitionLike): Problems {
  for (const role of [taskRoleArn, executionRoleArn]) {
    if (role === undefined || role === '') continue
    const valid = role.startsWith('arn:')
      ? /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/.test(role)
      : /^[\w+=,.@-]{1,64}$/.test(role)
    if (!valid) yield 'Role is not valid'
  }
}

function* sizeProblems(definition: DefinitionLike): Problems {
  const containers = definition.containerDefinitions ?? []
  if (definition.cpu !== undefined) {
    const cpu = parseTaskCpu(definition.cpu)
    if (cpu === undefined || cpu < smallestCpu || cpu > largestCpu)
      yield `Invalid 'cpu' setting for task. ${troubleshooting}`
    else if (sum(containers, container => container.cpu) > cpu)
      yield "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value."
  }
  if (definition.memory !== undefined) {
    const memory = parseTaskMemory(definition.memory)
    if (memory === undefined || memory < 1) yield `Invalid 'memory' setting for task. ${troubleshooting}`
    else if (sum(containers, container => container.memoryReservation ?? container.memory) > memory)
      yield `The sum of the memory settings of the containers is greater than the 'memory' of the task, ${memory}.`
    for (const container of containers)
      if (memory !== undefined && (container.memory ?? 0) > memory)
        yield `The 'memory' setting for container '${container.name}' is greater than for the task.`
  }
}

const sum = (
  containers: readonly ContainerLike[],
  amount: (container: ContainerLike) => number | undefined,
): number => containers.reduce((total, container) => total + (amount(container) ?? 0), 0)

function* constraintProblems({ placementConstraints = [] }: DefinitionLike): Problems {
  if (placementConstraints.length > mostConstraints)
    yield `Too many placement constraints: ${placementConstraints.length}. The maximum is ${mostConstraints}.`
  for (const { type, expression } of placementConstraints) {
    if (type !== 'memberOf') yield `constraint.type '${type}' is not supported.`
    else if (!expression) yield 'constraint.expression should not be null or empty.'
    else if (expression.length > 2000) yield 'constraint.expression is longer than 2000 characters.'
    else yield* expressionProblems(expression)
  }
}

function* expressionProblems(expression: string): Problems {
  try {
    parseExpression(expression)
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error
    yield `constraint.expression '${expression}' is not valid. ${error.message}`
  }
}

const proxyProperties = {
  ProxyIngressPort: 'Ingress port',
  ProxyEgressPort: 'Egress port',
  AppPorts: 'App ports',
  EgressIgnoredIPs: 'Egress ignored IPs',
}

function* proxyProblems({ proxyConfiguration, containerDefinitions, networkMode }: DefinitionLike): Problems {
  if (!proxyConfiguration) return
  const { containerName, properties = [] } = proxyConfiguration
  if (!containerDefinitions?.some(container => container.name === containerName))
    yield `Proxy container [${containerName}] does not exist`
  if (networkMode !== 'awsvpc') yield 'APPMESH proxy configuration is only supported in networkMode=awsvpc'
  for (const [property, words] of Object.entries(proxyProperties))
    if (!properties.some(({ name, value }) => name === property && value)) yield `${words} not found`
}

function* storageProblems({ ephemeralStorage, requiresCompatibilities }: DefinitionLike): Problems {
  if (!ephemeralStorage) return
  const size = ephemeralStorage.sizeInGiB ?? 0
  if (size < leastStorageGiB) yield `EphemeralStorage size should be at least ${leastStorageGiB}`
  if (size > mostStorageGiB) yield `EphemeralStorage size should be at most ${mostStorageGiB}`
  if (!requiresCompatibilities?.includes('FARGATE')) yield 'ephemeralStorage is only supported on Fargate.'
}
