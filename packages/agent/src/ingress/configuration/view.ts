/** What a host's ingress facts say together. */
import type {
  CertificateFact,
  ChallengeFact,
  IngressFact,
  ListenerFact,
  LoadBalancerFact,
  RevocationPieceFact,
  TargetGroupFact,
  TrustStoreFact,
} from '@berth/model'
import { isAuthenticating } from './authentication.ts'

/** Where those publish their keys whose tokens a listener asks for. */
export const jwksEndpointsOf = ({ loadBalancers }: IngressView): Set<string> =>
  new Set(
    loadBalancers.flatMap(({ listeners }) =>
      listeners.flatMap(({ rules }) =>
        rules.flatMap(({ actions }) =>
          actions.flatMap(action =>
            action.type === 'jwt-validation' ? [action.configuration.jwksEndpoint] : [],
          ),
        ),
      ),
    ),
  )

/** Whether the agent has to answer those who are to log in. */
export const isAnyAuthenticating = ({ loadBalancers }: IngressView): boolean =>
  loadBalancers.some(({ listeners }) => listeners.some(isAuthenticating))

export interface LoadBalancerView {
  readonly loadBalancer: LoadBalancerFact
  /** By port. */
  readonly listeners: readonly ListenerFact[]
  /** Those that its listeners forward to, each once, by ARN. */
  readonly targetGroups: readonly TargetGroupFact[]
}

/** A trust store whose revocation lists are all here, each as PEM. */
export interface TrustStore {
  readonly arn: string
  readonly certificates: string
  readonly revocations: readonly string[]
}

export type ChallengeAnswer = ChallengeFact['answers'][number]

export interface IngressView {
  /** By ARN, so that the same facts make the same text. */
  readonly loadBalancers: readonly LoadBalancerView[]
  readonly certificates: readonly CertificateFact[]
  readonly trustStores: readonly TrustStore[]
  /** What authorities ask for, of any load balancer. */
  readonly challenges: readonly ChallengeAnswer[]
}

const byArn = (left: { arn: string }, right: { arn: string }): number => (left.arn < right.arn ? -1 : 1)

const groupsOf = ({ rules }: ListenerFact): string[] =>
  rules.flatMap(({ actions }) =>
    actions.flatMap(action => (action.type === 'forward' ? action.targetGroups.map(({ arn }) => arn) : [])),
  )

interface Known {
  readonly certificates: ReadonlySet<string>
  readonly trustStores: ReadonlySet<string>
  readonly groups: ReadonlyMap<string, TargetGroupFact>
}

const isComplete = (listener: ListenerFact, known: Known): boolean => {
  const { certificateArns, mutualAuthentication } = listener
  return (
    certificateArns.every(arn => known.certificates.has(arn)) &&
    groupsOf(listener).every(arn => known.groups.has(arn)) &&
    (mutualAuthentication?.mode !== 'verify' ||
      known.trustStores.has(mutualAuthentication.trustStoreArn ?? ''))
  )
}

const pieceKey = (trustStoreArn: string, revocationId: number, index: number): string =>
  `${trustStoreArn} ${revocationId} ${index}`

/** Undefined as long as a piece of a list is missing: nobody may come in by a certificate that it revokes. */
const trustStoreOf = (
  { arn, certificates, revocations }: TrustStoreFact,
  pieces: ReadonlyMap<string, string>,
): TrustStore | undefined => {
  const lists = revocations.map(({ id, pieceCount }) =>
    Array.from({ length: pieceCount }, (_, index) => pieces.get(pieceKey(arn, id, index))),
  )
  return lists.flat().includes(undefined)
    ? undefined
    : { arn, certificates, revocations: lists.map(list => list.join('')) }
}

const trustStoresIn = (facts: readonly IngressFact[]): TrustStore[] => {
  const pieces = new Map(
    facts
      .filter((fact): fact is RevocationPieceFact => fact.kind === 'revocation-piece')
      .map(({ trustStoreArn, revocationId, index, text }) => [
        pieceKey(trustStoreArn, revocationId, index),
        text,
      ]),
  )
  return facts
    .filter(fact => fact.kind === 'trust-store')
    .toSorted(byArn)
    .flatMap(fact => trustStoreOf(fact, pieces) ?? [])
}

const challengesIn = (facts: readonly IngressFact[]): ChallengeAnswer[] =>
  facts
    .filter(fact => fact.kind === 'challenge')
    .flatMap(({ answers }) => answers)
    .toSorted((left, right) => (left.token < right.token ? -1 : 1))

/** A listener whose certificate or group has not come yet is left out until it has: it must not stop the others. */
export const viewOf = (facts: Iterable<IngressFact>): IngressView => {
  const all = [...facts]
  const certificates = all.filter(fact => fact.kind === 'certificate').toSorted(byArn)
  const trustStores = trustStoresIn(all)
  const groups = new Map(all.filter(fact => fact.kind === 'target-group').map(fact => [fact.arn, fact]))
  const known: Known = {
    certificates: new Set(certificates.map(({ arn }) => arn)),
    trustStores: new Set(trustStores.map(({ arn }) => arn)),
    groups,
  }
  const listeners = Map.groupBy(
    all.filter(fact => fact.kind === 'listener').filter(fact => isComplete(fact, known)),
    ({ loadBalancerArn }) => loadBalancerArn,
  )
  const taken = new Set<string>()
  const loadBalancers = all
    .filter(fact => fact.kind === 'load-balancer')
    .toSorted(byArn)
    .map(loadBalancer => {
      const own = (listeners.get(loadBalancer.arn) ?? []).toSorted((left, right) => left.port - right.port)
      const targetGroups = [...new Set(own.flatMap(groupsOf))].toSorted().flatMap(arn => {
        const group = groups.get(arn)
        // A group is of one load balancer at a time (AWS: TargetGroupAssociationLimit).
        if (group === undefined || taken.has(arn)) return []
        taken.add(arn)
        return [group]
      })
      return { loadBalancer, listeners: own, targetGroups }
    })
  return { loadBalancers, certificates, trustStores, challenges: challengesIn(all) }
}
