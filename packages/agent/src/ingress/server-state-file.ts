/** What a new worker begins with: the health of targets as the worker before knew it. */
import type { TargetGroupFact } from '@berth/model'
import { nowhere } from './configuration/backend.ts'
import type { IngressPlaces } from './configuration/places.ts'
import { sectionName } from './configuration/words.ts'
import type { Haproxy } from './haproxy.ts'
import { writeWhole } from './ingress-files.ts'
import { type BeginningServer, parseServerStates, serverStateText } from './server-rows.ts'
import type { TargetSlots } from './target-slots.ts'

/** `worker`: the one before; undefined: there is none, and every target waits for its first check. */
export const writeServerState = async (
  places: IngressPlaces,
  haproxy: Haproxy,
  worker: number | undefined,
  groups: readonly TargetGroupFact[],
  slots: TargetSlots,
): Promise<void> => {
  const states =
    worker === undefined ? [] : parseServerStates(await haproxy.tell(worker, ['show servers state']))
  const known = new Map(states.map(state => [`${state.section}/${state.server}`, state]))
  const servers = groups
    .filter(({ healthCheck }) => healthCheck.isEnabled)
    .flatMap(({ arn }) =>
      slots.of(arn).map(({ name, target }): BeginningServer => {
        const { address, port } = target ?? nowhere
        const before = known.get(`${sectionName(arn)}/${name}`)
        const isSame = target !== undefined && before?.address === address && before.port === port
        return {
          section: sectionName(arn),
          server: name,
          address,
          port,
          isOff: target === undefined || target.isDraining,
          ...(isSame && { known: before }),
        }
      }),
    )
  writeWhole(places.serverState, serverStateText(servers))
}
