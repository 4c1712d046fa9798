import { scopeKey, scopeOfArn } from '@berth/model'
import { newEffect } from '../../../control-loop/effects.ts'
import { type EffectResult, type EffectRow, effects } from '../../../control-loop/effects-table.ts'
import { type Plan, put, type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { Millis } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import { issueAt, issued, renewalFailed } from '../issuance.ts'
import { type IssuedCertificate, type IssueRequest, issueCertificateKind } from '../issuing.ts'
import type { CertificateUses } from '../service-parts.ts'
import { authorities, authorityId, type CertificateRow, certificates } from '../tables/index.ts'

const deadlineMs = 600_000
const effectSuffix = ' issue'
const nothing: Plan = { expects: [], steps: [] }

/** Pure. A certificate after the authority has said what came of it. */
const after = (row: CertificateRow, result: EffectResult, now: Millis): CertificateRow => {
  if (result.outcome === 'done') return issued(row, result.value as IssuedCertificate, now)
  return row.material ? renewalFailed(row, now) : { ...row, status: 'FAILED', failureReason: 'OTHER' }
}

const ask = (view: View, row: CertificateRow, effectId: string, now: Millis): Plan => {
  const authority = authorityId(scopeKey(scopeOfArn(row.id)))
  // The authority's row brings this key back.
  if (!view.get(authorities, authority)) return nothing
  const request: IssueRequest = {
    certificateArn: row.id,
    authorityId: authority,
    domainNames: row.subjectAlternativeNames,
    keyAlgorithm: row.request?.keyAlgorithm ?? 'RSA_2048',
  }
  const effect = newEffect(
    { id: effectId, kind: issueCertificateKind, request, deadline: now + deadlineMs },
    now,
  )
  return {
    expects: [unchanged(view, certificates, row.id), unchanged(view, effects, effectId)],
    steps: [put(effects, effect)],
  }
}

/** Has requested certificates issued by Berth's authority, and renewed before they end where they are used. A key is a certificate's ARN. */
export const certificateReconciler = (uses: CertificateUses): Reconciler => ({
  name: 'acm.certificates',
  keys: function* (view) {
    for (const row of view.all(certificates)) if (row.request) yield row.id
  },
  tables: [certificates, authorities, effects, uses.table],
  keysOf: (change, view) => {
    const { table, id } = change
    if (table.name === certificates.name) return [id]
    if (table.name === uses.table.name) return uses.concerned(change)
    if (table.name === effects.name) {
      const kind = ((change.after ?? change.before) as EffectRow | undefined)?.kind
      return kind === issueCertificateKind ? [id.slice(0, -effectSuffix.length)] : []
    }
    const scope = id.slice(authorityId('').length)
    return [...view.where(certificates, 'byWaitingScope', scope)].map(row => row.id)
  },
  reconcile: (view, arn, { now }) => {
    const effectId = `${arn}${effectSuffix}`
    const row = view.get(certificates, arn)
    const effect = view.get(effects, effectId)
    const expects = [unchanged(view, certificates, arn), unchanged(view, effects, effectId)]
    // Deleted meanwhile: nobody wants what is being made.
    if (!row) return effect ? { expects, steps: [remove(effects, effectId)] } : nothing
    if (effect)
      return effect.result === undefined
        ? nothing
        : { expects, steps: [put(certificates, after(row, effect.result, now)), remove(effects, effectId)] }
    if (row.request?.isOfAcme) return nothing
    const at = issueAt(row, uses.usedBy(view, arn).length > 0)
    if (at === undefined) return nothing
    return at <= now ? ask(view, row, effectId, now) : { ...nothing, wakeAt: at }
  },
})
