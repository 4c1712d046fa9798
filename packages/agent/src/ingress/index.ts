/** Carries load balancers on this host, with HAProxy. */
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Facts } from '../facts/index.ts'
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import { tagOf } from '../network/index.ts'
import { placesIn } from './configuration/places.ts'
import { createHaproxy } from './haproxy.ts'
import { Ingress } from './ingress.ts'
import { prepareDirectory } from './ingress-files.ts'
import { fetchText } from './json-web-keys.ts'
import { createMasterSocket } from './master-socket.ts'
import { hostNamespaces } from './namespaces.ts'

export interface IngressHost {
  /** What was reported in an earlier session is reported again. */
  sessionOpened(): void
  /** Another host may be given this one's load balancers from now on. */
  sessionClosed(): void
  /** HAProxy goes on. */
  stop(): Promise<void>
}

export interface IngressHostParts {
  readonly facts: Facts
  readonly run: RunCommand
  readonly random: () => number
  readonly clock: Clock
  readonly log: Log
  readonly configuration: { readonly dataDirectory: string; readonly carriesLoadBalancers: boolean }
  send(type: string, message: object): boolean
}

/** Undefined: this host is not asked to, or cannot. */
export const startIngress = async (parts: IngressHostParts): Promise<IngressHost | undefined> => {
  const { configuration, run, log, send } = parts
  const { dataDirectory, carriesLoadBalancers } = configuration
  if (!carriesLoadBalancers) return undefined
  try {
    await run('haproxy', ['-v'])
  } catch (error) {
    log.warn(
      { reason: (error as Error).message },
      'this host carries no load balancers: HAProxy does not run',
    )
    return undefined
  }
  const places = placesIn(join(dataDirectory, 'ingress'))
  prepareDirectory(places)
  return new Ingress({
    ...parts,
    places,
    tag: tagOf(dataDirectory),
    haproxy: createHaproxy({ ...parts, places, master: createMasterSocket(places.masterSocket) }),
    fetchText,
    fetch,
    namespaceOf: hostNamespaces(dataDirectory),
    reportHealth: message => send('BerthTargetHealth', message),
    reportTraffic: message => send('BerthTraffic', message),
    reportRefusals: message => send('BerthLoadBalancerRefusals', message),
  })
}
