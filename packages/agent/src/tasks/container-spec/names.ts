/** What a task's containers and volumes are called in the engine, and the labels by which they are found again. */
import { createHash } from 'node:crypto'
import type { PayloadTask } from '@berth/model'

/** Amazon's labels, and Berth's own, without which a container is not Berth's. */
export const label = {
  taskArn: 'com.amazonaws.ecs.task-arn',
  containerName: 'com.amazonaws.ecs.container-name',
  family: 'com.amazonaws.ecs.task-definition-family',
  revision: 'com.amazonaws.ecs.task-definition-version',
  cluster: 'com.amazonaws.ecs.cluster',
  incarnation: 'berth.incarnation',
  containerInstance: 'berth.container-instance',
} as const

/** The same text for the same task and container always: after a crash, what was created is found by it. */
const engineName = (payload: PayloadTask, part: string): string => {
  const unique = createHash('sha256').update(`${payload.arn}\n${part}`).digest('hex').slice(0, 20)
  const readable = part.replaceAll(/[^a-zA-Z0-9_.-]/g, '')
  return `ecs-${payload.family}-${payload.version}-${readable}-${unique}`
}

export const engineContainerName = (payload: PayloadTask, container: string): string =>
  engineName(payload, container)

/** Holds the namespaces that a task's containers share; it has the official agent's name for it. */
export const pauseContainerName = '~internal~ecs~pause'

/** A volume that lives as long as its task. */
export const engineVolumeName = (payload: PayloadTask, volume: string): string =>
  engineName(payload, `volume/${volume}`)
