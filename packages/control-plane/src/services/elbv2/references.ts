/** From the ARNs and names of a request to rows of its account. */
import type { Scope } from '@berth/model'
import type { Row, Table } from '../../store/table.ts'
import type { View } from '../../store/view.ts'
import { elbError, validationError } from './errors.ts'
import {
  type ListenerRow,
  type LoadBalancerRow,
  listeners,
  loadBalancers,
  type RuleRow,
  rules,
  type TargetGroupRow,
  type TrustStoreRow,
  targetGroups,
  trustStores,
} from './tables/index.ts'

export interface Kind<R extends Row> {
  readonly table: Table<R>
  /** What the resource of its ARNs looks like. */
  readonly shape: RegExp
  /** In messages. */
  readonly noun: string
  readonly notFound: string
}

const kind = <R extends Row>(made: Kind<R>): Kind<R> => made

export const loadBalancerKind = kind<LoadBalancerRow>({
  table: loadBalancers,
  shape: /^loadbalancer\/(app|net)\/[^/]+\/[0-9a-f]{16}$/,
  noun: 'load balancer',
  notFound: 'LoadBalancerNotFound',
})
export const listenerKind = kind<ListenerRow>({
  table: listeners,
  shape: /^listener\/(app|net)\/[^/]+\/[0-9a-f]{16}\/[0-9a-f]{16}$/,
  noun: 'listener',
  notFound: 'ListenerNotFound',
})
export const ruleKind = kind<RuleRow>({
  table: rules,
  shape: /^listener-rule\/(app|net)\/[^/]+(\/[0-9a-f]{16}){3}$/,
  noun: 'listener rule',
  notFound: 'RuleNotFound',
})
export const targetGroupKind = kind<TargetGroupRow>({
  table: targetGroups,
  shape: /^targetgroup\/[^/]+\/[0-9a-f]{16}$/,
  noun: 'target group',
  notFound: 'TargetGroupNotFound',
})
export const trustStoreKind = kind<TrustStoreRow>({
  table: trustStores,
  shape: /^truststore\/[^/]+\/[0-9a-f]{16}$/,
  noun: 'trust store',
  notFound: 'TrustStoreNotFound',
})

const plurals: Readonly<Record<string, string>> = { 'listener rule': 'rules' }

/** `One or more listeners not found` */
export const notFoundError = ({ noun, notFound }: Pick<Kind<never>, 'noun' | 'notFound'>) =>
  elbError(notFound, `One or more ${plurals[noun] ?? `${noun}s`} not found`)

/** Throws ValidationError for what is no ARN of the kind, and the kind's own code for what is not there. */
export const rowOf = <R extends Row>(view: View, scope: Scope, of: Kind<R>, arn: string | undefined): R => {
  const prefix = `arn:aws:elasticloadbalancing:${scope.region}:`
  const [accountId, resource = ''] = (arn?.startsWith(prefix) ? arn.slice(prefix.length) : '').split(':')
  if (arn === undefined || !/^\d{12}$/.test(accountId ?? '') || !of.shape.test(resource))
    throw validationError(`'${arn ?? ''}' is not a valid ${of.noun} ARN`)
  const row = accountId === scope.accountId ? view.get(of.table, arn) : undefined
  if (!row) throw notFoundError(of)
  return row
}

export const rowsOf = <R extends Row>(view: View, scope: Scope, of: Kind<R>, arns: readonly string[]): R[] =>
  [...new Set(arns)].map(arn => rowOf(view, scope, of, arn))
