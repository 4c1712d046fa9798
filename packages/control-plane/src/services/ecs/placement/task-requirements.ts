import type { Attribute, TaskOverride } from '@aws-sdk/client-ecs'
import {
  requiredAttributesOf as capabilitiesOf,
  networkModeOf,
  parseTaskCpu,
  parseTaskMemory,
} from '@berth/model'
import { overriddenContainer, overriddenDefinition } from '../overridden-definition.ts'
import type { RegisteredDefinition, TaskDefinitionRow } from '../tables/index.ts'

/** What a task needs of the instance that it is placed on. */
export interface TaskRequirements {
  /** CPU units, 1024 a core. */
  readonly cpu: number
  readonly memoryMiB: number
  /** Host ports that the definition fixes: `80/tcp`. Ports that the host chooses are no requirement. */
  readonly ports: readonly string[]
  readonly gpus: number
  /** Network interfaces of its own: one in the network mode awsvpc. */
  readonly enis: 0 | 1
  readonly networkMode: string
  /** Windows hosts take tasks that say so, and no others. */
  readonly isWindows: boolean
  /** Each must be on the instance; one with a value must have that value. */
  readonly attributes: readonly Attribute[]
  /** The memberOf expressions of the definition. */
  readonly expressions: readonly string[]
}

const ofDefinition = new WeakMap<TaskDefinitionRow, TaskRequirements>()

/** Computed once a definition, since a revision never changes but for its status, and again for overrides of resources. */
export const requirementsOf = (
  taskDefinition: TaskDefinitionRow,
  overrides: TaskOverride = {},
): TaskRequirements => {
  let requirements = ofDefinition.get(taskDefinition)
  if (!requirements) {
    requirements = computeRequirements(taskDefinition.definition, {})
    ofDefinition.set(taskDefinition, requirements)
  }
  if (!overridesResources(overrides) && !overridesCapabilities(overrides)) return requirements
  return {
    ...requirements,
    ...(overridesResources(overrides) && resourcesOf(taskDefinition.definition, overrides)),
    ...(overridesCapabilities(overrides) && {
      attributes: attributesWith(taskDefinition.definition, overrides, requirements.attributes),
    }),
  }
}

const overridesResources = (overrides: TaskOverride): boolean =>
  overrides.cpu !== undefined ||
  overrides.memory !== undefined ||
  (overrides.containerOverrides ?? []).some(
    container =>
      container.cpu !== undefined ||
      container.memory !== undefined ||
      container.memoryReservation !== undefined ||
      container.resourceRequirements !== undefined,
  )

const overridesCapabilities = ({
  taskRoleArn,
  executionRoleArn,
  containerOverrides,
}: TaskOverride): boolean =>
  Boolean(taskRoleArn ?? executionRoleArn) ||
  (containerOverrides ?? []).some(({ environmentFiles }) => environmentFiles?.length)

/** Roles and files of a request need the same of an instance as those of a definition. */
const attributesWith = (
  definition: RegisteredDefinition,
  overrides: TaskOverride,
  attributes: readonly Attribute[],
): readonly Attribute[] => {
  const known = new Set(attributes.map(({ name }) => name))
  const needed = capabilitiesOf(overriddenDefinition(definition, overrides))
  return [...attributes, ...needed.filter(name => !known.has(name)).map(name => ({ name }))]
}

const computeRequirements = (
  definition: RegisteredDefinition,
  overrides: TaskOverride,
): TaskRequirements => ({
  ...resourcesOf(definition, overrides),
  ports: hostPortsOf(definition),
  networkMode: networkModeOf(definition),
  enis: networkModeOf(definition) === 'awsvpc' ? 1 : 0,
  isWindows: definition.runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') ?? false,
  attributes: requiredAttributesOf(definition),
  expressions: (definition.placementConstraints ?? []).flatMap(constraint => constraint.expression ?? []),
})

type Size = Pick<TaskRequirements, 'cpu' | 'memoryMiB' | 'gpus'>

/** The task's own size where it states one, else the sum of its containers'. */
const resourcesOf = (definition: RegisteredDefinition, overrides: TaskOverride): Size => {
  const taskCpu = parseTaskCpu(overrides.cpu ?? definition.cpu ?? '')
  const taskMemory = parseTaskMemory(overrides.memory ?? definition.memory ?? '')
  const sum = { cpu: 0, memoryMiB: 0, gpus: 0 }
  for (const container of definition.containerDefinitions ?? []) {
    const override = overrides.containerOverrides?.find(({ name }) => name === container.name)
    const merged = overriddenContainer(container, override)
    sum.cpu += merged.cpu ?? 0
    sum.memoryMiB += merged.memoryReservation ?? merged.memory ?? 0
    for (const { type, value } of merged.resourceRequirements ?? [])
      if (type === 'GPU') sum.gpus += Number(value ?? 0)
  }
  return { cpu: taskCpu ?? sum.cpu, memoryMiB: taskMemory ?? sum.memoryMiB, gpus: sum.gpus }
}

/** In host mode a container's port is the host's port. */
const hostPortsOf = (definition: RegisteredDefinition): readonly string[] => {
  if (definition.networkMode === 'awsvpc' || definition.networkMode === 'none') return []
  const ports = new Set<string>()
  for (const container of definition.containerDefinitions ?? [])
    for (const mapping of container.portMappings ?? []) {
      const port = definition.networkMode === 'host' ? mapping.containerPort : mapping.hostPort
      if (port) ports.add(`${port}/${mapping.protocol ?? 'tcp'}`)
    }
  return [...ports]
}

const requiredAttributesOf = (definition: RegisteredDefinition): readonly Attribute[] => {
  const attributes = [...(definition.requiresAttributes ?? [])]
  const { cpuArchitecture, operatingSystemFamily } = definition.runtimePlatform ?? {}
  if (cpuArchitecture)
    attributes.push({
      name: 'ecs.cpu-architecture',
      value: cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64',
    })
  // A Windows container runs on its own version of Windows only.
  if (operatingSystemFamily)
    attributes.push(
      operatingSystemFamily === 'LINUX'
        ? { name: 'ecs.os-type', value: 'linux' }
        : { name: 'ecs.os-family', value: operatingSystemFamily },
    )
  return attributes
}
