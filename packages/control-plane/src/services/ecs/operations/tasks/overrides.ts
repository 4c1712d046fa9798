/** What RunTask and StartTask may say of a task differently from its definition. */
import type { ContainerOverride, LaunchType, ResourceRequirement, TaskOverride } from '@aws-sdk/client-ecs'
import { parseTaskCpu, parseTaskMemory, problemOf } from '@berth/model'
import { invalidParameter, unsupportedFeature } from '../../errors.ts'
import { checkFargateOverrides } from '../../fargate/fargate-task.ts'
import { overriddenDefinition } from '../../overridden-definition.ts'
import type { TaskDefinitionRow } from '../../tables/index.ts'

/** (AWS: RunTask, `overrides`) */
const mostCharacters = 8192

/** The overrides as rows keep them. Throws InvalidParameterException and UnsupportedFeatureException. */
export const readOverrides = (
  row: TaskDefinitionRow,
  overrides: TaskOverride = {},
  launchType: LaunchType = 'EC2',
): TaskOverride => {
  const { cpu, memory, containerOverrides } = overrides
  refuseUnsupported(overrides)
  if (launchType === 'FARGATE') checkFargateOverrides(row.definition, overrides)
  else if (overrides.ephemeralStorage)
    throw invalidParameter('Ephemeral storage can only be overridden for tasks that run on Fargate.')
  checkNames(row, containerOverrides ?? [])
  if (JSON.stringify(overrides).length > mostCharacters)
    throw invalidParameter(`Container Overrides length must be at most ${mostCharacters}`)
  const read = {
    ...overrides,
    ...(cpu !== undefined && { cpu: normalised(cpu, parseTaskCpu, 'cpu') }),
    ...(memory !== undefined && { memory: normalised(memory, parseTaskMemory, 'memory') }),
    ...(containerOverrides && {
      containerOverrides: containerOverrides.filter(({ name }) => name !== undefined),
    }),
  }
  checkResult(row, read)
  return read
}

type AskingContainers = readonly Pick<ContainerOverride, 'resourceRequirements'>[]

const requirementsOf = (containers: AskingContainers = []): readonly ResourceRequirement[] =>
  containers.flatMap(({ resourceRequirements = [] }) => resourceRequirements)

/** Of a request's overrides, and of a definition's containers. */
export const refuseSharedGpus = (containers: AskingContainers | undefined): void => {
  if (requirementsOf(containers).some(({ sharingStrategy }) => sharingStrategy))
    throw unsupportedFeature('Sharing GPUs (sharingStrategy) is not supported by Berth yet.')
}

const refuseUnsupported = (overrides: TaskOverride): void => {
  const resources = requirementsOf(overrides.containerOverrides)
  if (
    overrides.inferenceAcceleratorOverrides?.length ||
    resources.some(({ type }) => type === 'InferenceAccelerator')
  )
    throw unsupportedFeature('Elastic Inference accelerators are not supported by Berth.')
  refuseSharedGpus(overrides.containerOverrides)
}

const checkNames = (
  { definition: { containerDefinitions = [] } }: TaskDefinitionRow,
  overrides: readonly ContainerOverride[],
): void => {
  const named = new Set<string>()
  for (const { name, ...rest } of overrides) {
    if (name === undefined) {
      if (Object.values(rest).some(value => value !== undefined))
        throw invalidParameter('Container override name must not be empty.')
      continue
    }
    if (!containerDefinitions.some(container => container.name === name))
      throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`)
    if (named.has(name)) throw invalidParameter(`Duplicate container name in overrides: ${name}`)
    named.add(name)
  }
}

/** What becomes of the definition must be one that could have been registered. */
const checkResult = ({ family, definition }: TaskDefinitionRow, overrides: TaskOverride): void => {
  if (Object.values(overrides).every(value => value === undefined)) return
  const problem = problemOf({ family, ...overriddenDefinition(definition, overrides) })
  if (problem) throw invalidParameter(problem)
}

const normalised = (text: string, parse: (text: string) => number | undefined, member: string): string => {
  const number = parse(text)
  if (number === undefined || number <= 0) throw invalidParameter(`Invalid '${member}' setting for task.`)
  return String(number)
}
