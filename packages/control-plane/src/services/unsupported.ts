import { AwsError, type ClientModule } from '@berth/aws-api'
import type { Service } from './service.ts'

const made = new WeakSet<object>()

/** True for an operation that only says that it is not supported. */
export const isUnsupported = (operation: Service['operations'][number]): boolean => made.has(operation)

/** What the client package says that a service can do, and Berth cannot: each answers UnsupportedFeatureException. */
export const unsupportedOperations = (
  client: ClientModule,
  supported: Service['operations'],
): Service['operations'] => {
  const known = new Set(supported.map(operation => operation.name))
  return operationNames(client)
    .filter(name => !known.has(name))
    .map(refusing)
}

const refusing = (name: string): Service['operations'][number] => {
  const operation: Service['operations'][number] = {
    name,
    effect: 'reads',
    resources: () => ['*'],
    handle: () => {
      throw new AwsError('UnsupportedFeatureException', `${name} is not supported by Berth yet.`)
    },
  }
  made.add(operation)
  return operation
}

/** Every operation has a command class of its name. */
const operationNames = (client: ClientModule): string[] =>
  Object.keys(client)
    .filter(name => name.endsWith('Command') && name !== '$Command')
    .map(name => name.slice(0, -'Command'.length))
