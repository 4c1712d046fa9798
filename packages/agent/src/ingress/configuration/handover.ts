/**
 * A worker that has been replaced still gets requests, on connections that clients keep. It hands them to its successor, over a
 * socket that each listener has: they go by the newest rules, and to targets that are there. By itself it could not reach those
 * in a VPC: HAProxy closes its namespaces as soon as it is told to stop.
 */
import type { ListenerFact, LoadBalancerFact, TargetGroupFact } from '@berth/model'
import { idleSeconds } from './idle-time.ts'
import type { IngressPlaces } from './places.ts'
import { sectionName } from './words.ts'

const socketName = 'handover'

/** Holds in a worker that has been replaced. */
export const isReplaced = '{ stopping }'

/** Holds for what a client has sent itself; not for what another worker has taken from it, and decrypted. */
export const isFromClient = `!{ so_name -m str ${socketName} }`

const successorOf = (listener: ListenerFact): string => `${sectionName(listener.arn)}.successor`

/** Of the listener: the address and port of the client come with each connection. */
export const handoverBindLine = (listener: ListenerFact, places: IngressPlaces): string =>
  `bind unix@${places.handover(listener.arn)} mode 600 accept-proxy name ${socketName}`

/** Of the listener, before it chooses any other section. */
export const useSuccessorLine = (listener: ListenerFact): string =>
  `use_backend ${successorOf(listener)} if ${isReplaced}`

/** The section that leads to the successor; none of a listener that takes datagrams only. */
export const successorLines = (
  loadBalancer: LoadBalancerFact,
  listener: ListenerFact,
  targetGroups: readonly TargetGroupFact[],
  places: IngressPlaces,
): string[] => {
  if (listener.protocol === 'UDP') return []
  const isHttp = listener.protocol === 'HTTP' || listener.protocol === 'HTTPS'
  const idle = idleSeconds(loadBalancer, listener)
  // Calls of gRPC are streams both ways, with trailers.
  const speaksGrpc =
    listener.protocol === 'HTTPS' && targetGroups.some(({ protocolVersion }) => protocolVersion === 'GRPC')
  return [
    `backend ${successorOf(listener)}`,
    `  mode ${isHttp ? 'http' : 'tcp'}`,
    `  timeout server ${idle}s`,
    `  timeout tunnel ${idle}s`,
    `  server successor unix@${places.handover(listener.arn)} send-proxy-v2${speaksGrpc ? ' proto h2' : ''}`,
  ]
}
