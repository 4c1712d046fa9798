/** Puts the values of a task's secrets into its containers' environment and log options, as they are created. */
import type { PayloadContainer, PayloadSecret, PayloadTask } from '@berth/model'
import { EngineError, isEngineError } from '../engine/engine.ts'
import { type ResourceTask, type TaskResource, TaskResourceError } from '../tasks/resources/task-resource.ts'
import type { ReadSecret } from './secret-reader.ts'

const environmentSecrets = ({ definition }: PayloadContainer): readonly PayloadSecret[] =>
  definition?.secrets ?? []

/** Those of a log router are its own: they become part of its configuration. */
const logSecrets = ({ definition }: PayloadContainer): readonly PayloadSecret[] =>
  definition?.logConfiguration?.logDriver === 'awsfirelens'
    ? []
    : (definition?.logConfiguration?.secretOptions ?? [])

const allSecrets = ({ containers }: PayloadTask): readonly PayloadSecret[] =>
  containers.flatMap(container => [...environmentSecrets(container), ...logSecrets(container)])

const inEcsWords = (reason: string): TaskResourceError =>
  new TaskResourceError(`ResourceInitializationError: unable to pull secrets or registry auth: ${reason}`)

/** The agent ships awslogs by itself, and none of its options is a secret. */
const checkLogDrivers = ({ containers }: PayloadTask): void => {
  for (const { name, definition } of containers) {
    const { logDriver, secretOptions = [] } = definition?.logConfiguration ?? {}
    if (logDriver === 'awslogs' && secretOptions.length > 0)
      throw inEcsWords(`container ${name}: the log driver awslogs takes no secretOptions on this host`)
  }
}

/** By what names them. Each is read once, all of them at the same time. */
export const readSecrets = async (
  task: ResourceTask,
  valuesFrom: readonly string[],
  readSecret: ReadSecret,
): Promise<ReadonlyMap<string, string>> => {
  const { executionRole } = task.credentials()
  // After the agent's restart they come with the next session: until then it is tried again.
  if (!executionRole)
    throw new EngineError('unreachable', 'the credentials of the execution role have not arrived yet')
  const references = [...new Set(valuesFrom)]
  const read = await Promise.allSettled(
    references.map(async valueFrom => [valueFrom, await readSecret(valueFrom, executionRole)] as const),
  )
  const failures = read.flatMap(result => (result.status === 'rejected' ? [result.reason as Error] : []))
  const refusals = failures.filter(error => !isEngineError(error, 'unreachable'))
  if (refusals.length > 0) throw inEcsWords(refusals.map(({ message }) => message).join(';'))
  if (failures[0]) throw failures[0]
  return new Map(read.flatMap(result => (result.status === 'fulfilled' ? [result.value] : [])))
}

/** Nothing of the values is kept: neither by the agent's state nor in labels, and each life of the agent reads anew. */
export const createSecretsResource = (readSecret: ReadSecret): TaskResource => ({
  name: 'secrets',
  isNeeded: payload => allSecrets(payload).length > 0,
  prepare: async task => {
    checkLogDrivers(task.payload)
    const valuesFrom = allSecrets(task.payload).map(({ valueFrom }) => valueFrom)
    const values = await readSecrets(task, valuesFrom, readSecret)
    const valuesOf = (secrets: readonly PayloadSecret[]) =>
      Object.fromEntries(secrets.map(({ name, valueFrom }) => [name, values.get(valueFrom) ?? '']))
    return (container, spec) => ({
      ...spec,
      environment: { ...spec.environment, ...valuesOf(environmentSecrets(container)) },
      logging: {
        ...spec.logging,
        options: { ...spec.logging.options, ...valuesOf(logSecrets(container)) },
      },
    })
  },
  release: async () => {},
})
