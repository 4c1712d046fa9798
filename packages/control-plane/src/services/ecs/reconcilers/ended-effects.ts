import { type EffectRow, effects } from '../../../control-loop/effects-table.ts'
import { type Plan, type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { View } from '../../../store/view.ts'
import { callIdOf, isCalled } from '../deployment/hooks/call-hooks.ts'
import { hookCallKind } from '../deployment/hooks/hook-targets.ts'
import { shiftIdOf } from '../deployment/traffic/shift-traffic.ts'
import { shiftKind } from '../deployment/traffic/traffic-router.ts'
import { hasEnded, type ServiceDeploymentRow, serviceDeployments } from '../tables/index.ts'

const nothing: Plan = { expects: [], steps: [] }

/**
 * Takes away what a service deployment has asked of the outside once it waits for it no more: its answer was heard, or the
 * deployment went another way. Whoever is still at it is told to stop. A key is an effect's id.
 */
export const endedEffectReconciler: Reconciler = {
  name: 'ecs.endedEffects',
  keys: function* (view) {
    for (const { id } of view.all(effects)) yield id
  },
  tables: [effects, serviceDeployments],
  keysOf: ({ table, id, before }) =>
    table.name === effects.name ? [id] : before ? awaitedBy(before as ServiceDeploymentRow) : [],
  reconcile: (view, key) => {
    const effect = view.get(effects, key)
    if (effect === undefined || !isOurs(effect)) return nothing
    const { serviceDeploymentArn } = effect.request as { readonly serviceDeploymentArn: string }
    if (isAwaited(view, serviceDeploymentArn, key)) return nothing
    return {
      expects: [unchanged(view, effects, key), unchanged(view, serviceDeployments, serviceDeploymentArn)],
      steps: [remove(effects, key)],
    }
  },
}

const isOurs = ({ kind }: EffectRow): boolean => kind === hookCallKind || kind === shiftKind

const isAwaited = (view: View, serviceDeploymentArn: string, effectId: string): boolean => {
  const row = view.get(serviceDeployments, serviceDeploymentArn)
  return row !== undefined && !hasEnded(row) && awaitedBy(row).includes(effectId)
}

const awaitedBy = ({ id, serviceArn, progress }: ServiceDeploymentRow): string[] => {
  if (progress === undefined) return []
  const calls = progress.hooks.filter(isCalled).map(run => callIdOf(serviceArn, run))
  const { shift } = progress
  return shift && shift.failure === undefined ? [...calls, shiftIdOf(id, shift)] : calls
}
