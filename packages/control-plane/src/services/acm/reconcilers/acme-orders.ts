import { scopeKey, scopeOfArn } from '@berth/model'
import { newEffect } from '../../../control-loop/effects.ts'
import { type EffectResult, type EffectRow, effects } from '../../../control-loop/effects-table.ts'
import { type Plan, put, type Reconciler, remove, type Step, unchanged } from '../../../control-loop/plan.ts'
import type { Millis } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import {
  beginValidationKind,
  completeOrderKind,
  isRefusal,
  type OrderRequest,
  type PlacedOrder,
  placeOrderKind,
} from '../acme/effects.ts'
import { notIssued } from '../acme/refusals.ts'
import { issueAt, issued } from '../issuance.ts'
import type { IssuedCertificate } from '../issuing.ts'
import type { AcmParts } from '../service-parts.ts'
import {
  type AcmeAccountRow,
  type AcmeOrderRow,
  acmeAccountId,
  acmeAccounts,
  acmeOrders,
  type CertificateRow,
  certificates,
  scopeOfAcmeAccount,
} from '../tables/index.ts'

const deadlineMs = 600_000
/** As long ACM tries to validate a certificate. (AWS: CertificateDetail, Status) */
const validationMs = 72 * 3_600_000
/** Load balancers have been told by then, and have begun to answer. */
const answeringMs = 5_000
/** So often it is looked whether a load balancer could answer. */
const lookMs = 10_000

const effectSuffix = ' acme'
const kinds = [placeOrderKind, beginValidationKind, completeOrderKind]
const nothing: Plan = { expects: [], steps: [] }

const scopeOf = (certificateArn: string): string => scopeKey(scopeOfArn(certificateArn))

/** What is there of a certificate of another authority. */
interface Obtaining {
  readonly row: CertificateRow
  readonly account: AcmeAccountRow
  readonly order: AcmeOrderRow | undefined
}

/** Pure. What a step's result changes, besides that its effect goes. */
const after = (
  { row, account, order }: Obtaining,
  { kind }: EffectRow,
  result: EffectResult,
  now: Millis,
): Step[] => {
  const value = result.outcome === 'done' ? result.value : undefined
  if (result.outcome === 'failed' || isRefusal(value)) {
    const refused = isRefusal(value) ? value.refused : undefined
    return [
      put(certificates, notIssued(row, refused, now)),
      ...(order ? [remove(acmeOrders, row.id)] : []),
      // It has lost, or closed, the account: a new one is made.
      ...(refused?.type === 'accountDoesNotExist' ? [remove(acmeAccounts, account.id)] : []),
    ]
  }
  if (kind === placeOrderKind) {
    const placed = { ...(value as PlacedOrder), accountRowId: account.id, isBegun: false }
    return [put(acmeOrders, { id: row.id, ...placed, answeredAt: now + answeringMs })]
  }
  if (!order) return []
  if (kind === beginValidationKind) return [put(acmeOrders, { ...order, isBegun: true })]
  return [put(certificates, issued(row, value as IssuedCertificate, now)), remove(acmeOrders, row.id)]
}

type Next = { readonly kind: string } | { readonly wakeAt: Millis }

/** Pure. The next step of a certificate that is due. */
const nextStep = (order: AcmeOrderRow | undefined, canAnswer: boolean, now: Millis): Next => {
  if (!order) return canAnswer ? { kind: placeOrderKind } : { wakeAt: now + lookMs }
  if (order.isBegun || order.answers.length === 0) return { kind: completeOrderKind }
  return order.answeredAt > now ? { wakeAt: order.answeredAt } : { kind: beginValidationKind }
}

const isOverdue = ({ status, createdAt }: CertificateRow, now: Millis): boolean =>
  status === 'PENDING_VALIDATION' && createdAt + validationMs <= now

export const acmeOrderReconciler = ({ acme, uses }: AcmParts): Reconciler => {
  const accountOf = (view: View, arn: string): AcmeAccountRow | undefined =>
    acme && view.get(acmeAccounts, acmeAccountId(scopeOf(arn), acme.directoryUrl))

  const begin = (view: View, row: CertificateRow, effectId: string, now: Millis): Plan => {
    const order = view.get(acmeOrders, row.id)
    const account = accountOf(view, row.id)
    const timeout = row.status === 'PENDING_VALIDATION' ? { wakeAt: row.createdAt + validationMs } : {}
    const sleep = (at: Millis): Plan => ({
      ...nothing,
      wakeAt: Math.min(at, timeout.wakeAt ?? Number.POSITIVE_INFINITY),
    })
    // The account's row brings this key back.
    if (account?.url === undefined) return { ...nothing, ...timeout }
    const expects = [
      unchanged(view, certificates, row.id),
      unchanged(view, acmeOrders, row.id),
      unchanged(view, effects, effectId),
    ]
    const at = issueAt(row, uses.usedBy(view, row.id).length > 0)
    if (at === undefined) return order ? { expects, steps: [remove(acmeOrders, row.id)] } : nothing
    if (at > now) return sleep(at)
    // Of an authority that the server is no longer set up for.
    if (order && order.accountRowId !== account.id) return { expects, steps: [remove(acmeOrders, row.id)] }
    const next = nextStep(order, uses.canAnswer(view), now)
    if ('wakeAt' in next) return sleep(next.wakeAt)
    const request: OrderRequest = { certificateArn: row.id, accountRowId: account.id }
    const effect = newEffect({ id: effectId, kind: next.kind, request, deadline: now + deadlineMs }, now)
    return { expects, steps: [put(effects, effect)] }
  }

  /** Has certificates issued, and renewed, by the operator's authority. A key is a certificate's ARN. */
  return {
    name: 'acm.acmeOrders',
    keys: function* (view) {
      for (const row of view.all(certificates)) if (row.request?.isOfAcme) yield row.id
      // Of certificates that were deleted.
      for (const { id } of view.all(acmeOrders)) yield id
    },
    tables: [certificates, acmeAccounts, acmeOrders, effects, uses.table],
    keysOf: (change, view) => {
      const { table, id } = change
      if (table.name === effects.name) {
        const kind = ((change.after ?? change.before) as EffectRow | undefined)?.kind ?? ''
        return kinds.includes(kind) ? [id.slice(0, -effectSuffix.length)] : []
      }
      if (table.name === acmeAccounts.name) {
        return [...view.where(certificates, 'byAcmeScope', scopeOfAcmeAccount(id))].map(row => row.id)
      }
      return table.name === uses.table.name ? uses.concerned(change) : [id]
    },
    reconcile: (view, arn, { now }) => {
      const effectId = `${arn}${effectSuffix}`
      const row = view.get(certificates, arn)
      const [order, effect] = [view.get(acmeOrders, arn), view.get(effects, effectId)]
      const expects = [
        unchanged(view, certificates, arn),
        unchanged(view, acmeOrders, arn),
        unchanged(view, effects, effectId),
      ]
      const letGo = [
        ...(order ? [remove(acmeOrders, arn)] : []),
        ...(effect ? [remove(effects, effectId)] : []),
      ]
      // Deleted meanwhile: nobody wants what is being made.
      if (!row?.request?.isOfAcme) return letGo.length > 0 ? { expects, steps: letGo } : nothing
      if (isOverdue(row, now)) {
        const { issuance: _, ...rest } = row
        return { expects, steps: [put(certificates, { ...rest, status: 'VALIDATION_TIMED_OUT' }), ...letGo] }
      }
      if (!effect) return begin(view, row, effectId, now)
      if (effect.result === undefined) return nothing
      const account = view.get(acmeAccounts, (effect.request as OrderRequest).accountRowId)
      const steps = account ? after({ row, account, order }, effect, effect.result, now) : []
      return { expects, steps: [...steps, remove(effects, effectId)] }
    },
  }
}
