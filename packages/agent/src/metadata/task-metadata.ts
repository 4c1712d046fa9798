/** What the metadata endpoints say of a task. (AWS: "Amazon ECS task metadata v4 JSON response") */
import { lastSegment } from '@berth/model'
import type { ContainerView } from '../engine/engine.ts'
import { hasReached, type TaskState } from '../tasks/task-state.ts'
import { containerMetadata, iso, type MetadataVersion, withoutEmpty } from './container-metadata.ts'
import type { TagMembers } from './tags.ts'

export interface TaskMetadataOptions {
  readonly version: MetadataVersion
  readonly availabilityZone: string
  /** By container name. */
  readonly views: ReadonlyMap<string, ContainerView>
  /** Where they were asked for. */
  readonly tags?: TagMembers
}

/** In the official agent's words: as far as the slowest container is. */
const knownStatus = (task: TaskState): string => {
  const steps = ['STOPPED', 'RUNNING', 'CREATED', 'PULLED'] as const
  return steps.find(step => task.containers.every(container => hasReached(container, step))) ?? 'NONE'
}

export const taskMetadata = (task: TaskState, options: TaskMetadataOptions): object => {
  const { payload } = task
  const { version, availabilityZone, views, tags } = options
  const limits = withoutEmpty({ CPU: payload.cpu, Memory: payload.memory })
  return withoutEmpty({
    Cluster: lastSegment(payload.taskClusterArn),
    TaskARN: task.arn,
    Family: payload.family,
    Revision: payload.version,
    DesiredStatus: task.desiredStatus,
    KnownStatus: knownStatus(task),
    Limits: Object.keys(limits).length > 0 ? limits : undefined,
    PullStartedAt: iso(task.pullStartedAt),
    PullStoppedAt: iso(task.pullStoppedAt),
    ExecutionStoppedAt: iso(task.executionStoppedAt),
    AvailabilityZone: availabilityZone,
    ...tags,
    Containers: task.containers.map(({ name }) => containerMetadata(version, task, name, views.get(name))),
    ...(version === 'v4' && {
      LaunchType: payload.launchType,
      ServiceName: payload.serviceName,
      FaultInjectionEnabled: payload.definition?.enableFaultInjection === true,
    }),
  })
}
