/** What a launch type cannot do. (AWS: "Task definition differences for Fargate", "…for the External launch type") */
import { isFargateSize, parseTaskCpu, parseTaskMemory } from './task-size.ts'
import type { ContainerLike, DefinitionLike, Problems } from './types.ts'

const ecrImage = /^\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com(\.cn)?\//

/** True for an image in a private Amazon ECR repository. */
export const isEcrImage = (image: string): boolean => ecrImage.test(image)

/** Of a Windows task: the smallest that Fargate has. */
const leastWindowsCpu = 1024
const fargateLogDrivers = ['awslogs', 'splunk', 'awsfirelens']
const unsupported = (setting: string) => `Fargate compatible task definitions do not support ${setting}`

export function* fargateProblems(definition: DefinitionLike): Problems {
  yield* fargateSizeProblems(definition)
  if (definition.placementConstraints?.length) yield unsupported('constraints')
  if (definition.ipcMode !== undefined) yield 'Tasks using the Fargate launch type do not support ipcMode.'
  if (definition.pidMode !== undefined && definition.pidMode !== 'task')
    yield `Tasks using the Fargate launch type do not support pidMode '${definition.pidMode}'. The supported value for pidMode is 'task'.`
  for (const volume of definition.volumes ?? []) {
    if (volume.host?.sourcePath) yield unsupported('sourcePath')
    if (volume.dockerVolumeConfiguration) yield unsupported('dockerVolumeConfiguration')
    if (volume.fsxWindowsFileServerVolumeConfiguration)
      yield unsupported('fsxWindowsFileServerVolumeConfiguration')
  }
  for (const container of definition.containerDefinitions ?? []) {
    yield* fargateContainerProblems(container)
    yield* fargateLogProblems(container, definition)
  }
}

function* fargateSizeProblems({ networkMode, cpu, memory, runtimePlatform }: DefinitionLike): Problems {
  if (networkMode !== 'awsvpc') yield 'Fargate only supports network mode ‘awsvpc’.'
  if (cpu === undefined) yield "Fargate requires that 'cpu' be defined at the task level."
  if (memory === undefined) yield "Fargate requires that 'memory' be defined at the task level."
  const units = parseTaskCpu(cpu ?? '') ?? 0
  const least = runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') ? leastWindowsCpu : 0
  if (units < least || !isFargateSize(units, parseTaskMemory(memory ?? '') ?? 0))
    yield 'No Fargate configuration exists for given values.'
}

/** Links, DNS, extra hosts and disableNetworking are refused with awsvpc already. */
function* fargateContainerProblems(container: ContainerLike): Problems {
  const { linuxParameters, startTimeout, stopTimeout } = container
  if (container.privileged) yield "Fargate requires that the 'privileged' setting be 'false'"
  if (container.dockerSecurityOptions?.length) yield unsupported('dockerSecurityOptions')
  if (container.resourceRequirements?.length)
    yield 'Tasks using the Fargate launch type do not support GPU resource requirements'
  for (const capability of linuxParameters?.capabilities?.add ?? [])
    if (capability !== 'SYS_PTRACE') yield `${capability} is not allowed on Fargate.`
  for (const setting of ['devices', 'sharedMemorySize', 'tmpfs', 'maxSwap', 'swappiness'] as const)
    if (isSaid(linuxParameters?.[setting])) yield unsupported(setting)
  for (const [setting, seconds] of Object.entries({ startTimeout, stopTimeout }))
    if (seconds !== undefined && (seconds < 2 || seconds > 120))
      yield `Invalid setting for container '${container.name}'. '${setting}' must be between 2 and 120 on Fargate.`
}

const isSaid = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0)

function* fargateLogProblems(container: ContainerLike, { executionRoleArn }: DefinitionLike): Problems {
  const { logDriver: driver, options } = container.logConfiguration ?? {}
  if (!executionRoleArn && isEcrImage(container.image ?? ''))
    yield 'Fargate requires task definition to have execution role ARN to support ECR images.'
  if (!executionRoleArn && driver === 'awslogs')
    yield 'Fargate requires task definition to have execution role ARN to support log driver awslogs.'
  if (driver !== undefined && !fargateLogDrivers.includes(driver))
    yield `${driver} is not a valid log driver. Must be one of [${fargateLogDrivers.join(', ')}]`
  if (driver === 'awslogs' && !options?.['awslogs-stream-prefix'])
    yield 'Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.'
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
