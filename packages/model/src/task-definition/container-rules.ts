/** What must hold of one container of a task definition. (AWS: "Task definition parameters") */
import type { ContainerLike, DefinitionLike, Problems } from './types.ts'

/** What the Docker daemon reserves for any container, in MiB. */
const leastMemoryMiB = 4
const longestStopTimeoutSeconds = 120

export function* containerProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  const { name = '' } = container
  if (!container.image) yield 'Container.image should not be null or empty.'
  yield* sizeProblems(container, definition)
  yield* environmentProblems(container)
  yield* secretProblems(container, definition)
  yield* volumeProblems(container, definition)
  yield* healthCheckProblems(container)
  yield* timeoutProblems(container)
  yield* restartProblems(container)
  yield* logProblems(container)
  yield* linuxProblems(container)
  for (const { name: limit, softLimit = 0, hardLimit = 0 } of container.ulimits ?? [])
    if (hardLimit >= 0 && (softLimit > hardLimit || softLimit < 0))
      yield invalid(name, `The soft limit of ulimit '${limit}' is greater than its hard limit.`)
  if (repeated(container.ulimits?.map(limit => limit.name)))
    yield invalid(name, 'A ulimit is given more than once.')
  for (const control of container.systemControls ?? [])
    if (!control.namespace || control.value === undefined)
      yield invalid(name, "'systemControls' need a namespace and a value.")
  yield* resourceProblems(container)
  if ((container.credentialSpecs?.length ?? 0) > 1)
    yield invalid(name, "'credentialSpecs' can hold one element only.")
}

const invalid = (name: string, why: string): string => `Invalid setting for container '${name}'. ${why}`

const repeated = (values: readonly (string | undefined)[] | undefined): string | undefined =>
  values?.find((value, index) => values.indexOf(value) !== index)

function* sizeProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  const { name = '', cpu, memory, memoryReservation } = container
  if (cpu !== undefined && cpu < 0) yield invalid(name, "'cpu' must not be negative.")
  if (memory === undefined && memoryReservation === undefined && definition.memory === undefined)
    yield invalid(name, "At least one of 'memory' or 'memoryReservation' must be specified.")
  if (memory !== undefined && memory < leastMemoryMiB)
    yield invalid(name, `'memory' must be at least ${leastMemoryMiB}.`)
  if (memoryReservation !== undefined && memoryReservation < leastMemoryMiB)
    yield invalid(name, `'memoryReservation' must be at least ${leastMemoryMiB}.`)
  if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation)
    yield invalid(name, "'memory' must not be less than 'memoryReservation'.")
}

function* environmentProblems({ name = '', environment, environmentFiles }: ContainerLike): Problems {
  if (environment?.some(variable => !variable.name))
    yield invalid(name, 'The name of an environment variable should not be null or empty.')
  if ((environmentFiles?.length ?? 0) > 10)
    yield invalid(name, "'environmentFiles' can hold ten elements only.")
  for (const { value = '' } of environmentFiles ?? [])
    if (!/^arn:aws[\w-]*:s3:::.+\.env$/.test(value))
      yield invalid(
        name,
        `The environment file '${value}' is not the ARN of an S3 object that ends with .env.`,
      )
}

function* secretProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  const { name = '', secrets = [], logConfiguration, repositoryCredentials } = container
  const all = [...secrets, ...(logConfiguration?.secretOptions ?? [])]
  if (all.length > 0 && !definition.executionRoleArn)
    yield "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
  if (all.some(secret => !secret.name || !secret.valueFrom))
    yield invalid(name, 'Secrets need a name and a valueFrom.')
  const taken = [
    ...secrets.map(secret => secret.name),
    ...new Set(container.environment?.map(variable => variable.name)),
  ]
  const shared = secrets.length > 0 ? repeated(taken) : undefined
  if (shared)
    yield `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${shared}'.`
  if (repositoryCredentials && !definition.executionRoleArn)
    yield "When you are specifying repositoryCredentials, you must also specify a value for 'executionRoleArn'."
}

function* volumeProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  const { name = '', mountPoints = [], volumesFrom = [] } = container
  for (const { sourceVolume, containerPath } of mountPoints) {
    if (!definition.volumes?.some(volume => volume.name === sourceVolume))
      yield `Unknown volume '${sourceVolume}'.`
    if (!containerPath) yield invalid(name, "A mount point needs a 'containerPath'.")
  }
  if (repeated(mountPoints.map(mount => mount.containerPath)))
    yield invalid(name, 'Two mount points have the same containerPath.')
  for (const { sourceContainer } of volumesFrom) {
    if (sourceContainer === name) yield invalid(name, "'volumesFrom' names the container itself.")
    if (!definition.containerDefinitions?.some(other => other.name === sourceContainer))
      yield invalid(name, `'volumesFrom' names an unknown container '${sourceContainer}'.`)
  }
}

const healthCheckRanges = {
  interval: [5, 300],
  timeout: [2, 60],
  retries: [1, 10],
  startPeriod: [0, 300],
} as const

function* healthCheckProblems({ name = '', healthCheck }: ContainerLike): Problems {
  if (!healthCheck) return
  const [kind, ...words] = healthCheck.command ?? []
  if (kind === undefined) yield invalid(name, 'The health check command should not be empty.')
  else if ((kind === 'CMD' || kind === 'CMD-SHELL') && words.length === 0)
    yield invalid(name, `The health check command has nothing after ${kind}.`)
  for (const [setting, [least, most]] of Object.entries(healthCheckRanges)) {
    const value = healthCheck[setting as keyof typeof healthCheckRanges]
    if (value !== undefined && (value < least || value > most))
      yield invalid(name, `The health check ${setting} must be between ${least} and ${most}.`)
  }
}

function* timeoutProblems({ name = '', startTimeout, stopTimeout }: ContainerLike): Problems {
  if (startTimeout !== undefined && startTimeout < 2)
    yield invalid(name, "'startTimeout' must be at least 2.")
  if (stopTimeout !== undefined && (stopTimeout < 0 || stopTimeout > longestStopTimeoutSeconds))
    yield invalid(name, `'stopTimeout' must be between 0 and ${longestStopTimeoutSeconds}.`)
}

function* restartProblems({ name = '', restartPolicy }: ContainerLike): Problems {
  if (!restartPolicy) return
  const { restartAttemptPeriod, ignoredExitCodes } = restartPolicy
  if (restartAttemptPeriod !== undefined && (restartAttemptPeriod < 60 || restartAttemptPeriod > 1800))
    yield invalid(name, "'restartAttemptPeriod' must be between 60 and 1800.")
  if ((ignoredExitCodes?.length ?? 0) > 50)
    yield invalid(name, "'ignoredExitCodes' can hold fifty elements only.")
}

function* logProblems({ name = '', logConfiguration }: ContainerLike): Problems {
  if (logConfiguration?.logDriver !== 'awslogs') return
  const missing = ['awslogs-group', 'awslogs-region'].filter(option => !logConfiguration.options?.[option])
  if (missing.length > 0) yield `Log driver awslogs requires options: ${missing.join(', ')}`
  const mode = logConfiguration.options?.['mode']
  if (mode !== undefined && mode !== 'blocking' && mode !== 'non-blocking')
    yield invalid(name, `The log option mode must be 'blocking' or 'non-blocking', but was '${mode}'.`)
}

function* linuxProblems({ name = '', linuxParameters }: ContainerLike): Problems {
  if (!linuxParameters) return
  const { sharedMemorySize, maxSwap, swappiness } = linuxParameters
  if (sharedMemorySize !== undefined && sharedMemorySize < 0)
    yield invalid(name, "'sharedMemorySize' must not be negative.")
  if (maxSwap !== undefined && maxSwap < 0) yield invalid(name, "'maxSwap' must not be negative.")
  if (swappiness !== undefined && (swappiness < 0 || swappiness > 100))
    yield invalid(name, "'swappiness' must be between 0 and 100.")
}

function* resourceProblems({ name = '', resourceRequirements }: ContainerLike): Problems {
  for (const { type, value = '' } of resourceRequirements ?? []) {
    if (type === 'InferenceAccelerator')
      yield 'Amazon Elastic Inference (inferenceAccelerators) is no longer available.'
    if (type === 'GPU' && !/^[1-9]\d{0,3}$/.test(value))
      yield invalid(name, `The value of the resource requirement GPU must be a number, but was '${value}'.`)
  }
}
