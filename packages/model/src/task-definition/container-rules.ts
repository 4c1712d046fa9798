/** What must hold of one container of a task definition. (AWS: "Task definition parameters", API "ContainerDefinition") */
import { isAbsolute } from './absolute-path.ts'
import { linuxProblems } from './linux-rules.ts'
import { logProblems } from './log-rules.ts'
import { repeated } from './repeated.ts'
import { secretProblems } from './secret-rules.ts'
import type { ContainerLike, DefinitionLike, Problems } from './types.ts'
import { mountProblems } from './volume-rules.ts'

/** What the Docker daemon reserves for any container, in MiB. */
const leastMemoryMiB = 6
/** The kernel's range of CPU shares ends here. */
const mostCpuUnits = 262_144
const mostEnvironmentFiles = 10

export function* containerProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  if (!container.image) yield 'Container.image should not be null or empty.'
  else if (!/^[\w:./#@-]{1,255}$/.test(container.image)) yield 'Container.image contains invalid characters.'
  yield* sizeProblems(container, definition)
  yield* environmentProblems(container)
  yield* secretProblems(container, definition)
  yield* mountProblems(container, definition)
  yield* healthCheckProblems(container)
  yield* timeoutProblems(container)
  yield* restartProblems(container)
  yield* logProblems(container)
  yield* linuxProblems(container)
  yield* textProblems(container)
  yield* resourceProblems(container)
  if ((container.credentialSpecs?.length ?? 0) > 1)
    yield invalid(container, "'credentialSpecs' can hold one element only.")
}

const invalid = ({ name }: ContainerLike, why: string): string =>
  `Invalid setting for container '${name}'. ${why}`

function* sizeProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  const { cpu, memory, memoryReservation } = container
  if (cpu !== undefined && (cpu < 0 || cpu > mostCpuUnits))
    yield invalid(container, `'cpu' must be between 0 and ${mostCpuUnits}.`)
  if (memory === undefined && memoryReservation === undefined && definition.memory === undefined)
    yield invalid(container, "At least one of 'memory' or 'memoryReservation' must be specified.")
  if (memory !== undefined && memory < leastMemoryMiB)
    yield invalid(container, `'memory' must be at least ${leastMemoryMiB}.`)
  if (memoryReservation !== undefined && memoryReservation < leastMemoryMiB)
    yield invalid(container, `'memoryReservation' must be at least ${leastMemoryMiB}.`)
  if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation)
    yield invalid(container, "'memory' must be greater than or equal to 'memoryReservation'.")
}

function* environmentProblems(container: ContainerLike): Problems {
  const { environment, environmentFiles = [] } = container
  if (environment?.some(variable => !variable.name))
    yield invalid(container, 'The name of an environment variable should not be null or empty.')
  if (environment?.some(({ name = '', value = '' }) => /[=\0]/.test(name) || value.includes('\0')))
    yield invalid(
      container,
      "The name of an environment variable can hold neither '=' nor a null character, its value no null character.",
    )
  if (environmentFiles.length > mostEnvironmentFiles)
    yield 'The maximum number of environment files was exceeded. Specify ten or less and try again'
  for (const { value = '' } of environmentFiles) {
    if (!/^arn:[\w-]+:s3:::/.test(value)) yield `Invalid arn syntax: '${value}'.`
    if (!/:::[^/]+\/.+\.env$/.test(value))
      yield invalid(
        container,
        `The environment file '${value}' is not an S3 object whose name ends with .env.`,
      )
  }
}

/** (AWS: API "HealthCheck") Each least and most, in seconds but for retries. */
const healthCheckRanges = {
  interval: [5, 300],
  timeout: [2, 60],
  retries: [1, 10],
  startPeriod: [0, 300],
} as const

function* healthCheckProblems(container: ContainerLike): Problems {
  const { healthCheck } = container
  if (!healthCheck) return
  const [kind, ...words] = healthCheck.command ?? []
  if (!kind) yield invalid(container, 'The health check command should not be empty.')
  else if ((kind === 'CMD' || kind === 'CMD-SHELL') && words.length === 0)
    yield invalid(container, `The health check command has nothing after ${kind}.`)
  for (const [setting, [least, most]] of Object.entries(healthCheckRanges)) {
    const value = healthCheck[setting as keyof typeof healthCheckRanges]
    if (value !== undefined && (value < least || value > most))
      yield invalid(container, `The health check ${setting} must be between ${least} and ${most}.`)
  }
}

/** The official agent waits for at least 2 seconds; Fargate has a most for both. */
function* timeoutProblems(container: ContainerLike): Problems {
  const { startTimeout, stopTimeout } = container
  if (startTimeout !== undefined && startTimeout < 2)
    yield invalid(container, "'startTimeout' must be at least 2.")
  if (stopTimeout !== undefined && stopTimeout < 0)
    yield invalid(container, "'stopTimeout' must not be negative.")
}

function* restartProblems(container: ContainerLike): Problems {
  const { name, restartPolicy } = container
  if (!restartPolicy) return
  const { restartAttemptPeriod, ignoredExitCodes = [] } = restartPolicy
  if (restartAttemptPeriod !== undefined && (restartAttemptPeriod < 60 || restartAttemptPeriod > 1800))
    yield `the 'restartAttemptPeriod' setting for container '${name}' must be between 60 and 1800`
  if (ignoredExitCodes.length > 50)
    yield invalid(container, "'ignoredExitCodes' can hold fifty elements only.")
}

/** What the host's files and arguments cannot hold. */
function* textProblems(container: ContainerLike): Problems {
  const { extraHosts = [], entryPoint = [], command = [], workingDirectory = '', user = '' } = container
  for (const { hostname, ipAddress } of extraHosts)
    if (!hostname || !ipAddress) yield invalid(container, "'extraHosts' need a hostname and an ipAddress.")
    else if (/[\s:]/.test(hostname) || !/^[\da-fA-F.:]+$/.test(ipAddress))
      yield invalid(container, `'${hostname}' with the address '${ipAddress}' is not a valid extra host.`)
  if ([...entryPoint, ...command, workingDirectory, user].some(text => text.includes('\0')))
    yield invalid(container, 'Its command, user and directory can hold no null character.')
  if (workingDirectory !== '' && !isAbsolute(workingDirectory))
    yield invalid(container, `'workingDirectory' must be an absolute path, but was '${workingDirectory}'.`)
  if (container.hostname !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9.-]{0,62}$/.test(container.hostname))
    yield invalid(container, `'${container.hostname}' is not a valid hostname.`)
}

function* resourceProblems(container: ContainerLike): Problems {
  const { resourceRequirements = [] } = container
  for (const { type, value = '' } of resourceRequirements) {
    if (type === 'InferenceAccelerator')
      yield "Unsupported field 'inferenceAccelerators'. Amazon Elastic Inference is no longer available."
    if (type === 'GPU' && !/^[1-9]\d{0,3}$/.test(value))
      yield invalid(
        container,
        `The value of the resource requirement GPU must be a number, but was '${value}'.`,
      )
  }
  if (repeated(resourceRequirements.map(({ type }) => type)))
    yield invalid(container, 'A resource requirement is given more than once.')
}
