/** A task's own cpu and memory: one cgroup above all of its containers. (AWS: "Task size") */
import { lastSegment } from '@berth/model'
import { CgroupError, type Cgroups } from '../../cgroups/index.ts'
import { type TaskResource, TaskResourceError } from './task-resource.ts'

export const createTaskCgroup = (cgroups: Cgroups): TaskResource => ({
  name: 'cgroup',
  // Others are spared it: it would only make their start slower.
  isNeeded: ({ cpu, memory }) => Boolean(cpu || memory),
  prepare: async ({ payload }) => {
    const taskId = lastSegment(payload.arn)
    try {
      await cgroups.create(taskId, payload)
    } catch (error) {
      if (!(error instanceof CgroupError)) throw error
      throw new TaskResourceError(
        `ResourceInitializationError: unable to create the cgroup ${cgroups.parentOf(taskId)} that limits the cpu and memory of the task: ${error.message}`,
      )
    }
    return (_container, spec) => ({ ...spec, cgroupParent: cgroups.parentOf(taskId) })
  },
  release: ({ arn }) => cgroups.remove(lastSegment(arn)),
})
