/** What the sessions write of a container instance. */
import { type ContainerInstanceRow, containerInstances } from '../services/ecs/tables/index.ts'
import type { Store } from '../store/view.ts'
import type { SessionRequest } from './admission.ts'
import type { GoneAgent } from './presence.ts'

/** Writes that the agent is connected; undefined when its instance is there no longer, or INACTIVE. */
export const writeConnected = (
  store: Store,
  request: SessionRequest,
  incarnation: string,
): ContainerInstanceRow | undefined =>
  store.update(tx => {
    const before = tx.get(containerInstances, request.containerInstanceArn)
    if (before === undefined || before.status === 'INACTIVE') return undefined
    const after = connectedInstance(before, request, incarnation)
    if (after !== before) tx.put(containerInstances, after)
    return after
  })

/** Writes that these agents are gone, in one commit. */
export const writeDisconnected = (store: Store, gone: readonly GoneAgent[]): void =>
  store.update(tx => {
    for (const { containerInstanceArn, since } of gone) {
      const instance = tx.get(containerInstances, containerInstanceArn)
      if (instance?.agentConnected)
        tx.put(containerInstances, { ...instance, agentConnected: false, disconnectedAt: since })
    }
  })

/** The row while its agent is connected; the same row when that is what it says already. */
const connectedInstance = (
  instance: ContainerInstanceRow,
  request: SessionRequest,
  incarnation: string,
): ContainerInstanceRow => {
  const versionInfo = {
    ...instance.versionInfo,
    ...(request.agentVersion && { agentVersion: request.agentVersion }),
    ...(request.agentHash && { agentHash: request.agentHash }),
    ...(request.dockerVersion && { dockerVersion: request.dockerVersion }),
  }
  const isUnchanged =
    instance.agentConnected &&
    instance.agentKind === request.kind &&
    instance.incarnation !== undefined &&
    instance.lostAt === undefined &&
    JSON.stringify(versionInfo) === JSON.stringify(instance.versionInfo)
  if (isUnchanged) return instance
  const { disconnectedAt: _, lostAt: __, ...rest } = instance
  return {
    ...rest,
    agentConnected: true,
    agentKind: request.kind,
    versionInfo,
    incarnation: instance.incarnation ?? incarnation,
  }
}
