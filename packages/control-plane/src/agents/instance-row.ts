/** What the sessions write of a container instance. */
import type { ContainerInstanceRow } from '../services/ecs/tables/index.ts'
import type { SessionRequest } from './admission.ts'

/** The row while its agent is connected; the same row when that is what it says already. */
export const connectedInstance = (
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

export const disconnectedInstance = (
  instance: ContainerInstanceRow,
  since: number,
): ContainerInstanceRow => ({
  ...instance,
  agentConnected: false,
  disconnectedAt: since,
})
