/** The network namespaces that hold load balancers' own interfaces. The host's network makes them. */
import { statSync } from 'node:fs'
import type { LoadBalancerFact } from '@berth/model'
import { interfaceNamespace, namespacePath, tagOf } from '../network/index.ts'

export interface InterfaceNamespace {
  readonly name: string
  /** Another one by the same name has another number: HAProxy keeps what it has opened. */
  readonly number: number
}

/** Undefined: it is not there, or not yet. */
export type NamespaceOf = (loadBalancer: LoadBalancerFact) => InterfaceNamespace | undefined

/** `dataDirectory` is the agent's. */
export const hostNamespaces = (dataDirectory: string): NamespaceOf => {
  const tag = tagOf(dataDirectory)
  return ({ interfaceId }) => {
    if (interfaceId === undefined) return undefined
    const name = interfaceNamespace(tag, interfaceId)
    const found = statSync(namespacePath(name), { throwIfNoEntry: false })
    return found && { name, number: found.ino }
  }
}
