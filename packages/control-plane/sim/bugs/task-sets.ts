/** Bugs of services that others deploy, and of paused ones. */
import { services, taskSets, tasks } from '../../src/services/ecs/tables/index.ts'
import type { PlantedBug } from '../seams.ts'
import { blurred, plansOf } from './seen-through.ts'

const scheduler = 'ecs.services'

export const halvedScale: PlantedBug = {
  name: 'halved-scale',
  says: 'A task set has at most half of the tasks of its service, whatever its scale is.',
  seams: () =>
    blurred(scheduler, taskSets, row => ({
      ...row,
      scale: { ...row.scale, value: Math.min(row.scale.value, 50) },
    })),
}

export const undeadSet: PlantedBug = {
  name: 'undead-set',
  says: 'A deleted task set keeps its tasks.',
  seams: () =>
    blurred(scheduler, taskSets, row =>
      row.status === 'DRAINING' ? { ...row, status: 'ACTIVE' as const } : row,
    ),
}

export const sleeplessService: PlantedBug = {
  name: 'sleepless-service',
  says: 'A paused service starts and keeps its tasks like others.',
  seams: () => blurred(scheduler, services, row => ({ ...row, paused: undefined })),
}

export const sleeplessReplicas: PlantedBug = {
  name: 'sleepless-replicas',
  says: 'A paused REPLICA service starts and keeps its tasks like others.',
  seams: () =>
    blurred(scheduler, services, row =>
      row.schedulingStrategy === 'REPLICA' && row.deploymentController?.type !== 'EXTERNAL'
        ? { ...row, paused: undefined }
        : row,
    ),
}

export const halfAsleep: PlantedBug = {
  name: 'half-asleep',
  says: 'A paused service starts no tasks, and keeps those that it has.',
  seams: () =>
    plansOf(scheduler, (plan, view, key) =>
      view.get(services, key)?.paused
        ? { ...plan, steps: plan.steps.filter(step => step.kind !== 'put' || step.table.name !== tasks.name) }
        : plan,
    ),
}
