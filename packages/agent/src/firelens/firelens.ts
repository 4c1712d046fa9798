/** Gives a task's log router its configuration and its socket, and lets the other containers log to that socket. */
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadObject } from '@berth/aws-api'
import { lastSegment, type PayloadContainer, type PayloadTask } from '@berth/model'
import type { ContainerSpec, MountSpec } from '../engine/engine.ts'
import { parseObjectArn } from '../environment-files/index.ts'
import { type ReadSecret, readSecrets } from '../secrets/index.ts'
import { networkModeOf } from '../tasks/container-spec/index.ts'
import { type ResourceTask, type TaskResource, TaskResourceError } from '../tasks/resources/task-resource.ts'
import { logRouterOf, sendsToRouter } from './router.ts'
import { bufferLimitOption, type RouterType, routerConfiguration } from './router-configuration.ts'

export interface FirelensParts {
  /** Absolute, and the same for the engine. */
  readonly directory: string
  readonly readSecret: ReadSecret
  readonly readObject: ReadObject
}

/** In the router's container. */
const paths: Readonly<Record<RouterType, { readonly configuration: string; readonly external: string }>> = {
  fluentd: { configuration: '/fluentd/etc/fluent.conf', external: '/fluentd/etc/external.conf' },
  fluentbit: { configuration: '/fluent-bit/etc/fluent-bit.conf', external: '/fluent-bit/etc/external.conf' },
}

const refusal = (reason: string): TaskResourceError =>
  new TaskResourceError(`ResourceInitializationError: unable to generate firelens config file: ${reason}`)

interface Options {
  readonly addsMetadata: boolean
  /** An S3 object's ARN, or a path in the router's container. */
  readonly external?: { readonly type: 's3' | 'file'; readonly value: string }
}

const optionsOf = (router: PayloadContainer): Options => {
  const options = router.definition?.firelensConfiguration?.options ?? {}
  const addsMetadata = options['enable-ecs-log-metadata'] !== 'false'
  const type = options['config-file-type']
  if (type === undefined) return { addsMetadata }
  if (type !== 's3' && type !== 'file')
    throw refusal(`invalid value ${type} is specified for option config-file-type`)
  const value = options['config-file-value']
  if (value === undefined)
    throw refusal('option config-file-type is specified but config-file-value is not specified')
  return { addsMetadata, external: { type, value } }
}

const variableOf = (option: string, container: string): string => `${option}_${container}`

/** Its value is in the router's environment, and not in the file. */
const referenceTo = (type: RouterType, variable: string): string =>
  type === 'fluentd' ? `"#{ENV['${variable}']}"` : `\${${variable}}`

const senderOf = (type: RouterType, { name, definition }: PayloadContainer) => {
  const { options = {}, secretOptions = [] } = definition?.logConfiguration ?? {}
  const references = secretOptions.map(secret => [
    secret.name,
    referenceTo(type, variableOf(secret.name, name)),
  ])
  return { container: name, options: { ...options, ...Object.fromEntries(references) } }
}

const fieldsOf = (payload: PayloadTask): Record<string, string> => ({
  ecs_cluster: lastSegment(payload.taskClusterArn),
  ecs_task_arn: payload.arn,
  ecs_task_definition: `${payload.family}:${payload.version}`,
})

const configurationOf = (
  payload: PayloadTask,
  type: RouterType,
  { addsMetadata, external }: Options,
): string => {
  const included = external?.type === 's3' ? paths[type].external : external?.value
  try {
    return routerConfiguration({
      type,
      listensOnTcp: ['awsvpc', 'bridge'].includes(networkModeOf(payload) ?? ''),
      fields: addsMetadata ? fieldsOf(payload) : {},
      ...(included === undefined ? {} : { included }),
      senders: payload.containers.filter(sendsToRouter).map(container => senderOf(type, container)),
    })
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error))
  }
}

const download = async (arn: string, readObject: ReadObject): Promise<Buffer> => {
  try {
    const object = parseObjectArn(arn)
    if (!object) throw new Error(`unable to parse bucket and key from s3 ARN ${arn}`)
    return await readObject(object)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TaskResourceError(
      `ResourceInitializationError: unable to download firelens s3 config file: ${reason}`,
    )
  }
}

/** Whole or not at all: the agent may be killed at any moment. */
const write = async (path: string, content: string | Buffer): Promise<void> => {
  await writeFile(`${path}.new`, content, { mode: 0o644 })
  await rename(`${path}.new`, path)
}

const secretVariables = async (
  task: ResourceTask,
  readSecret: ReadSecret,
): Promise<Readonly<Record<string, string>>> => {
  const wanted = task.payload.containers.filter(sendsToRouter).flatMap(({ name, definition }) =>
    (definition?.logConfiguration?.secretOptions ?? []).map(secret => ({
      variable: variableOf(secret.name, name),
      valueFrom: secret.valueFrom,
    })),
  )
  if (wanted.length === 0) return {}
  const values = await readSecrets(
    task,
    wanted.map(({ valueFrom }) => valueFrom),
    readSecret,
  )
  return Object.fromEntries(wanted.map(({ variable, valueFrom }) => [variable, values.get(valueFrom) ?? '']))
}

const loggingTo = (
  socket: string,
  taskId: string,
  { name, definition }: PayloadContainer,
): ContainerSpec['logging'] => {
  const limit = definition?.logConfiguration?.options[bufferLimitOption]
  return {
    driver: 'fluentd',
    options: {
      'fluentd-address': `unix://${socket}`,
      'fluentd-async': 'true',
      'fluentd-sub-second-precision': 'true',
      tag: `${name}-firelens-${taskId}`,
      ...(limit === undefined ? {} : { 'fluentd-buffer-limit': limit }),
    },
  }
}

export const createFirelens = ({ directory, readSecret, readObject }: FirelensParts): TaskResource => {
  const directoryOf = (payload: PayloadTask): string => join(directory, lastSegment(payload.arn))
  return {
    name: 'firelens',
    isNeeded: payload => logRouterOf(payload) !== undefined,
    prepare: async task => {
      const { payload } = task
      const router = logRouterOf(payload)
      const type = router?.definition?.firelensConfiguration?.type
      if (!router || !type) return undefined
      const options = optionsOf(router)
      const configuration = join(directoryOf(payload), 'config', 'fluent.conf')
      const external = join(directoryOf(payload), 'config', 'external.conf')
      const sockets = join(directoryOf(payload), 'socket')
      await mkdir(join(directoryOf(payload), 'config'), { recursive: true })
      await mkdir(sockets, { recursive: true })
      // The router may run as any user; whoever may come here is root, or in one of the task's containers.
      await chmod(sockets, 0o777)
      const isS3 = options.external?.type === 's3'
      if (isS3) await write(external, await download(options.external.value, readObject))
      await write(configuration, configurationOf(payload, type, options))
      const environment = await secretVariables(task, readSecret)
      const mounts: MountSpec[] = [
        { source: configuration, containerPath: paths[type].configuration, readOnly: false },
        ...(isS3 ? [{ source: external, containerPath: paths[type].external, readOnly: false }] : []),
        { source: sockets, containerPath: '/var/run', readOnly: false },
      ]
      const taskId = lastSegment(payload.arn)
      return (container, spec) => {
        if (container.name === router.name)
          return {
            ...spec,
            mounts: [...spec.mounts, ...mounts],
            environment: { ...spec.environment, ...environment },
          }
        if (!sendsToRouter(container)) return spec
        return { ...spec, logging: loggingTo(join(sockets, 'fluent.sock'), taskId, container) }
      }
    },
    release: payload => rm(directoryOf(payload), { recursive: true, force: true }),
  }
}
