import { parseArn, scopeKey, scopeOfArn } from '@berth/model'
import { newEffect } from '../../../control-loop/effects.ts'
import { type EffectRow, effects } from '../../../control-loop/effects-table.ts'
import { type Plan, put, type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { View } from '../../../store/view.ts'
import { type AuthorityRequest, type MadeAuthority, makeAuthorityKind } from '../issuing.ts'
import { authorities, authorityId, type CertificateRow, certificates } from '../tables/index.ts'

const deadlineMs = 600_000
const againMs = 60_000

const effectIdOf = (scope: string): string => `${scope} acm authority`

const scopeOf = ({ id }: CertificateRow): string => scopeKey(scopeOfArn(id))

const isWaiting = ({ status, request }: CertificateRow): boolean =>
  status === 'PENDING_VALIDATION' && !request?.isOfAcme

const firstWaiting = (view: View, scope: string): CertificateRow | undefined => {
  for (const row of view.where(certificates, 'byWaitingScope', scope)) return row
  return undefined
}

/** Makes Berth's authority of an account and region when a certificate first waits for it. A key is `scope`. */
export const authorityReconciler: Reconciler = {
  name: 'acm.authority',
  keys: function* (view) {
    for (const row of view.all(certificates)) if (isWaiting(row)) yield scopeOf(row)
  },
  tables: [certificates, effects],
  keysOf: ({ table, id, after }) => {
    if (table.name === effects.name)
      return (after as EffectRow | undefined)?.kind === makeAuthorityKind
        ? [id.slice(0, -' acm authority'.length)]
        : []
    const row = after as CertificateRow | undefined
    return row && isWaiting(row) ? [scopeOf(row)] : []
  },
  reconcile: (view, scope, { now }): Plan => {
    const id = authorityId(scope)
    const effectId = effectIdOf(scope)
    const effect = view.get(effects, effectId)
    const expects = [unchanged(view, authorities, id), unchanged(view, effects, effectId)]
    if (effect?.result === undefined) {
      const waiting = firstWaiting(view, scope)
      if (effect || !waiting || view.get(authorities, id)) return { expects: [], steps: [] }
      const request: AuthorityRequest = { authorityId: id, accountId: parseArn(waiting.id)?.accountId ?? '' }
      const row = newEffect(
        { id: effectId, kind: makeAuthorityKind, request, deadline: now + deadlineMs },
        now,
      )
      return { expects, steps: [put(effects, row)] }
    }
    // One that failed is asked for again: certificates wait for it.
    if (effect.result.outcome === 'failed') {
      const again = { ...newEffect({ ...effect, deadline: now + deadlineMs }, now), notBefore: now + againMs }
      return { expects, steps: [put(effects, again)] }
    }
    const made = effect.result.value as MadeAuthority
    return {
      expects,
      steps: [put(authorities, { id, ...made, createdAt: now }), remove(effects, effectId)],
    }
  },
}
