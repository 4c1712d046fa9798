import type { Performer } from '../../packages/control-plane/src/control-loop/effects.ts'
import { effects } from '../../packages/control-plane/src/control-loop/effects-table.ts'
import type { Berth } from './harness.ts'

/** Does what reconcilers ask of one kind, once. */
export const performEffects = async ({ store }: Berth, kind: string, perform: Performer): Promise<void> => {
  for (const effect of [...store.where(effects, 'byState', 'open')]) {
    if (effect.kind !== kind) continue
    const { signal } = new AbortController()
    const value = await perform({ ...effect, signal })
    store.update(tx => tx.put(effects, { ...effect, result: { outcome: 'done', value } }))
  }
}
