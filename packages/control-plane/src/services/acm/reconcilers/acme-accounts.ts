import { scopeKey, scopeOfArn } from '@berth/model'
import { newEffect } from '../../../control-loop/effects.ts'
import { type EffectResult, type EffectRow, effects } from '../../../control-loop/effects-table.ts'
import { type Plan, put, type Reconciler, remove, type Step, unchanged } from '../../../control-loop/plan.ts'
import type { Millis } from '../../../store/table.ts'
import {
  type AccountRequest,
  isRefusal,
  type MadeAccountKey,
  makeAccountKeyKind,
  type RegisteredAccount,
  registerAccountKind,
} from '../acme/effects.ts'
import type { AcmeSettings } from '../acme/settings.ts'
import {
  type AcmeAccountRow,
  acmeAccountId,
  acmeAccounts,
  type CertificateRow,
  certificates,
  scopeOfAcmeAccount,
} from '../tables/index.ts'

const deadlineMs = 600_000
/** Authorities let few accounts be registered. */
const againMs = 600_000

const effectSuffix = ' acm acme-account'
const nothing: Plan = { expects: [], steps: [] }

const scopeOf = ({ id }: CertificateRow): string => scopeKey(scopeOfArn(id))

/** The account after a step: its key first, so that the same one is registered again after a crash. */
const after = (
  id: string,
  row: AcmeAccountRow | undefined,
  { kind }: EffectRow,
  result: EffectResult,
  now: Millis,
): Step[] => {
  if (kind === makeAccountKeyKind)
    return result.outcome === 'done' && !row
      ? [put(acmeAccounts, { id, ...(result.value as MadeAccountKey), createdAt: now })]
      : []
  if (!row) return []
  if (result.outcome === 'failed') return [put(acmeAccounts, { ...row, tryAgainAt: now + againMs })]
  if (isRefusal(result.value)) {
    const tryAgainAt = now + Math.max(againMs, result.value.refused.retryAfterMs)
    return [put(acmeAccounts, { ...row, tryAgainAt })]
  }
  return [put(acmeAccounts, { ...row, url: (result.value as RegisteredAccount).url })]
}

/** Has an account at the operator's authority as long as certificates are of it. A key is `scope`. */
export const acmeAccountReconciler = (settings: AcmeSettings | undefined): Reconciler => ({
  name: 'acm.acmeAccounts',
  keys: function* (view) {
    const scopes = new Set<string>()
    for (const row of view.all(certificates)) if (row.request?.isOfAcme) scopes.add(scopeOf(row))
    yield* scopes
  },
  tables: [certificates, acmeAccounts, effects],
  keysOf: ({ table, id, before, after: later }) => {
    if (table.name === effects.name) {
      const kind = ((later ?? before) as EffectRow | undefined)?.kind ?? ''
      return [makeAccountKeyKind, registerAccountKind].includes(kind)
        ? [id.slice(0, -effectSuffix.length)]
        : []
    }
    if (table.name === acmeAccounts.name) return [scopeOfAcmeAccount(id)]
    const row = later as CertificateRow | undefined
    return row?.request?.isOfAcme && !before ? [scopeOf(row)] : []
  },
  reconcile: (view, scope, { now }) => {
    if (!settings) return nothing
    const id = acmeAccountId(scope, settings.directoryUrl)
    const effectId = `${scope}${effectSuffix}`
    const [row, effect] = [view.get(acmeAccounts, id), view.get(effects, effectId)]
    const expects = [unchanged(view, acmeAccounts, id), unchanged(view, effects, effectId)]
    if (effect)
      return effect.result === undefined
        ? nothing
        : { expects, steps: [...after(id, row, effect, effect.result, now), remove(effects, effectId)] }
    const [wanting] = view.where(certificates, 'byAcmeScope', scope)
    if (row?.url !== undefined || !wanting) return nothing
    if (row?.tryAgainAt !== undefined && row.tryAgainAt > now) return { ...nothing, wakeAt: row.tryAgainAt }
    const request: AccountRequest = { accountRowId: id }
    const kind = row ? registerAccountKind : makeAccountKeyKind
    return {
      expects,
      steps: [put(effects, newEffect({ id: effectId, kind, request, deadline: now + deadlineMs }, now))],
    }
  },
})
