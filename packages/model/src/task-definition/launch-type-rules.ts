/** What a launch type cannot do. (AWS: "Task definition differences for Fargate", "…for the External launch type") */
import { isFargateSize, parseTaskCpu, parseTaskMemory } from './task-size.ts'
import type { ContainerLike, DefinitionLike, Problems } from './types.ts'

const ecrImage = /^\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com(\.cn)?\//

/** True for an image in a private Amazon ECR repository. */
export const isEcrImage = (image: string): boolean => ecrImage.test(image)

export function* fargateProblems(definition: DefinitionLike): Problems {
  if (definition.networkMode !== 'awsvpc') yield 'Fargate only supports network mode ‘awsvpc’.'
  if (definition.cpu === undefined) yield "Fargate requires that 'cpu' be defined at the task level."
  if (definition.memory === undefined) yield "Fargate requires that 'memory' be defined at the task level."
  const cpu = parseTaskCpu(definition.cpu ?? '') ?? 0
  const memoryMiB = parseTaskMemory(definition.memory ?? '') ?? 0
  if (!isFargateSize(cpu, memoryMiB)) yield 'No Fargate configuration exists for given values.'
  if (definition.placementConstraints?.length) yield 'Fargate does not support placement constraints.'
  if (definition.ipcMode !== undefined) yield "Fargate does not support 'ipcMode'."
  if (definition.pidMode === 'host') yield "Fargate only supports pidMode 'task'."
  for (const volume of definition.volumes ?? []) {
    if (volume.host?.sourcePath) yield "Fargate does not support volumes with a host 'sourcePath'."
    if (volume.dockerVolumeConfiguration) yield 'Fargate does not support Docker volumes.'
  }
  for (const container of definition.containerDefinitions ?? [])
    yield* fargateContainerProblems(container, definition)
}

function* fargateContainerProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  const { image = '', logConfiguration, linuxParameters } = container
  if (!definition.executionRoleArn) {
    if (isEcrImage(image))
      yield 'Fargate requires task definition to have execution role ARN to support ECR images.'
    if (logConfiguration?.logDriver === 'awslogs')
      yield 'Fargate requires task definition to have execution role ARN to support log driver awslogs.'
  }
  if (container.privileged) yield "Fargate does not support 'privileged' containers."
  if (container.dockerSecurityOptions?.length) yield "Fargate does not support 'dockerSecurityOptions'."
  if (container.resourceRequirements?.length) yield "Fargate does not support 'resourceRequirements'."
  if (linuxParameters?.capabilities?.add?.some(capability => capability !== 'SYS_PTRACE'))
    yield "Fargate only supports adding the 'SYS_PTRACE' kernel capability."
  for (const setting of ['devices', 'sharedMemorySize', 'tmpfs', 'maxSwap', 'swappiness'] as const)
    if (linuxParameters?.[setting] !== undefined)
      yield `Fargate does not support '${setting}' in linuxParameters.`
  const driver = logConfiguration?.logDriver
  if (driver !== undefined && !['awslogs', 'splunk', 'awsfirelens'].includes(driver))
    yield `Fargate does not support the log driver '${driver}'.`
  if (driver === 'awslogs' && !logConfiguration?.options?.['awslogs-stream-prefix'])
    yield 'Log driver awslogs requires options: awslogs-stream-prefix'
}

export function* externalProblems(definition: DefinitionLike): Problems {
  if (definition.networkMode === 'awsvpc') yield "External does not support network mode 'awsvpc'."
  if (definition.volumes?.some(volume => volume.efsVolumeConfiguration))
    yield 'External does not support EFS volumes.'
  if (definition.proxyConfiguration) yield "External does not support 'proxyConfiguration'."
}

const isClean = (problems: Problems): boolean => {
  for (const _ of problems) return false
  return true
}

/** What the definition could run on, in the order in which ECS tells it. */
export const compatibilitiesOf = (definition: DefinitionLike): string[] => {
  const found = ['EC2']
  if (isClean(externalProblems(definition))) found.unshift('EXTERNAL')
  if (isClean(fargateProblems(definition))) found.push('FARGATE')
  return found
}
