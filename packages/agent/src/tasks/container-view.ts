/** What the engine's view of a container tells of it. Pure. */
import type { PayloadContainer } from '@berth/model'
import type { ContainerView } from '../engine/engine.ts'
import { toldBindings } from './container-spec/index.ts'
import { type ContainerState, hasReached } from './task-state.ts'
import type { ContainerNews } from './transitions.ts'

const later = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined || right === undefined ? (left ?? right) : Math.max(left, right)

/** The engine knows of a start that the agent did not live to note. */
const foundOf = (container: ContainerState, view: ContainerView): ContainerNews => {
  const startedAt = later(container.startedAt, view.startedAt)
  return { runtimeId: view.id, ...(startedAt === undefined ? {} : { startedAt }) }
}

export const newsOfView = (
  container: ContainerState,
  definition: PayloadContainer,
  view: ContainerView,
): ContainerNews => {
  const found = foundOf(container, view)
  if (view.status === 'created') return { step: 'CREATED', ...found }
  if (view.status === 'exited')
    return { step: 'STOPPED', ...found, ...(view.exitCode === undefined ? {} : { exitCode: view.exitCode }) }
  return {
    step: 'RUNNING',
    ...found,
    ...(view.health ? { healthStatus: view.health } : {}),
    ...(hasReached(container, 'RUNNING')
      ? {}
      : { networkBindings: toldBindings(definition, view.networkBindings) }),
  }
}

/** A health check that only the image has is none of ECS's. (AWS: ContainerDefinition healthCheck) */
export const withOwnHealth = (
  container: PayloadContainer | undefined,
  news: ContainerNews,
): ContainerNews => {
  if (container?.definition?.healthCheck) return news
  const { healthStatus: _, ...rest } = news
  return rest
}
