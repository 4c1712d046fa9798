/** The one pure function from what a host's load balancers are to what HAProxy reads. */
import type { LoadBalancerFact } from '@berth/model'
import { authenticationBackendLines, authenticationTuningLines } from './authentication.ts'
import { backendLines, type Slot } from './backend.ts'
import {
  askingTuningLines,
  asksClients,
  certificateListText,
  certificateText,
  revocationsText,
  trustStoreText,
} from './encryption.ts'
import { frontendLines } from './frontend.ts'
import { successorLines } from './handover.ts'
import type { JwtKeys } from './json-web-tokens.ts'
import type { IngressPlaces } from './places.ts'
import { type IngressView, isAnyAuthenticating, jwksEndpointsOf, type TrustStore } from './view.ts'
import { numberOf } from './words.ts'

export interface Surroundings {
  readonly places: IngressPlaces
  readonly slots: (targetGroupArn: string) => readonly Slot[]
  /** Of the load balancer's interface; undefined: it is not there yet. */
  readonly namespace: (loadBalancer: LoadBalancerFact) => string | undefined
  readonly keys: JwtKeys
}

export interface HaproxyFiles {
  readonly configuration: string
  /** What the configuration names, by path. */
  readonly others: ReadonlyMap<string, string>
}

/** Workers that have been replaced end when their last connection does, or after this. */
const longestGoodbye = '1h'
/** Connections without requests are closed one after the other within it, as their idle time would close them. */
const goodbyeOfIdle = '60s'

const globalLines = (
  { statsSocket, peersSocket, serverState }: IngressPlaces,
  tuningLines: readonly string[],
): string[] => [
  'global',
  `  stats socket unix@${statsSocket} mode 600 level admin expose-fd listeners`,
  `  server-state-file ${serverState}`,
  `  hard-stop-after ${longestGoodbye}`,
  `  close-spread-time ${goodbyeOfIdle}`,
  '  localpeer berth',
  '  max-spread-checks 1000',
  '  tune.ssl.default-dh-param 2048',
  '  ssl-server-verify none',
  ...tuningLines,
  'defaults',
  '  timeout connect 5s',
  '  timeout queue 5s',
  '  retries 3',
  '  option redispatch 1',
  'peers berth',
  `  bind unix@${peersSocket} mode 600`,
  '  server berth',
]

const hasRevocations = (trustStores: readonly TrustStore[]) => {
  const arns = new Set(trustStores.filter(({ revocations }) => revocations.length > 0).map(({ arn }) => arn))
  return (arn: string) => arns.has(arn)
}

const filesOf = (view: IngressView, places: IngressPlaces, keys: JwtKeys): Map<string, string> => {
  const files = new Map<string, string>()
  for (const endpoint of jwksEndpointsOf(view))
    for (const { file, pem } of keys(endpoint)) files.set(file, pem)
  for (const certificate of view.certificates)
    files.set(places.certificate(certificate.arn), certificateText(certificate))
  for (const store of view.trustStores) {
    files.set(places.trustStore(store.arn), trustStoreText(store))
    if (store.revocations.length > 0) files.set(places.revocations(store.arn), revocationsText(store))
  }
  for (const { listeners } of view.loadBalancers)
    for (const listener of listeners)
      if (listener.certificateArns.length > 0)
        files.set(places.certificateList(listener.arn), certificateListText(listener, places))
  return files
}

export const haproxyFiles = (view: IngressView, surroundings: Surroundings): HaproxyFiles => {
  const { places, slots, namespace, keys } = surroundings
  const groups = new Map(
    view.loadBalancers.flatMap(({ targetGroups }) => targetGroups.map(group => [group.arn, group])),
  )
  const parts = {
    places,
    keys,
    challenges: view.challenges,
    hasRevocations: hasRevocations(view.trustStores),
    leastHealthy: (arn: string) =>
      Math.max(
        1,
        numberOf(
          groups.get(arn)?.attributes ?? {},
          'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count',
          1,
        ),
      ),
  }
  const sections = view.loadBalancers.flatMap(({ loadBalancer, listeners, targetGroups }) => [
    ...listeners.flatMap(listener => [
      ...frontendLines(loadBalancer, listener, { ...parts, namespace: namespace(loadBalancer) }),
      ...successorLines(loadBalancer, listener, targetGroups, places),
    ]),
    ...targetGroups.flatMap(group =>
      backendLines(loadBalancer, group, { slots: slots(group.arn), namespace: namespace(loadBalancer) }),
    ),
  ])
  const authenticates = isAnyAuthenticating(view)
  if (authenticates) sections.push(...authenticationBackendLines(places))
  const asks = view.loadBalancers.some(({ listeners }) => listeners.some(asksClients))
  const tuningLines = [
    ...(authenticates ? authenticationTuningLines : []),
    ...(asks ? askingTuningLines : []),
  ]
  return {
    configuration: `${[...globalLines(places, tuningLines), ...sections].join('\n')}\n`,
    others: filesOf(view, places, keys),
  }
}
