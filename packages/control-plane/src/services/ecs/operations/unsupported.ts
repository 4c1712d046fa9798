import type { Service } from '../../service.ts'
import { unsupportedOperation } from '../errors.ts'

/** What the client package says that ECS can do, and Berth cannot: each answers UnsupportedFeatureException. */
export const unsupportedOperations = (
  client: Service['client'],
  supported: Service['operations'],
): Service['operations'] => {
  const known = new Set(supported.map(operation => operation.name))
  return operationNames(client)
    .filter(name => !known.has(name))
    .map(name => ({
      name,
      effect: 'reads',
      resources: () => ['*'],
      handle: () => {
        throw unsupportedOperation(name)
      },
    }))
}

/** Every operation has a command class of its name. */
const operationNames = (client: Service['client']): string[] =>
  Object.keys(client)
    .filter(name => name.endsWith('Command') && name !== '$Command')
    .map(name => name.slice(0, -'Command'.length))
