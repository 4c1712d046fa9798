/** Bugs of the service scheduler: what it takes for healthy, protected, or allowed. */
import { put, type Step } from '../../src/control-loop/plan.ts'
import { type ServiceRow, services, type TaskRow, tasks } from '../../src/services/ecs/tables/index.ts'
import { requestStop, scalingActivity } from '../../src/services/ecs/task-stop.ts'
import type { PlantedBug } from '../seams.ts'
import { taskSettleMs } from '../servers/sim-server.ts'
import { blurred, plansOf, withOperation } from './seen-through.ts'

const scheduler = 'ecs.services'

export const ignoredProtection: PlantedBug = {
  name: 'ignored-protection',
  says: 'Protected tasks are stopped like others.',
  seams: () => blurred(scheduler, tasks, task => ({ ...task, protectedUntil: undefined })),
}

export const forgottenProtection: PlantedBug = {
  name: 'forgotten-protection',
  says: 'Now and then UpdateTaskProtection answers as if it had protected tasks, and does not.',
  seams: () => ({
    service: (service, { random, store }) =>
      withOperation(service, 'UpdateTaskProtection', honest => async (request, call) => {
        const answer = await honest.handle(request, call)
        if (random.chance(0.5)) return answer
        const { protectedTasks = [] } = answer as { protectedTasks?: { taskArn?: string }[] }
        store().update(tx => {
          for (const { taskArn = '' } of protectedTasks) {
            const task = tx.get(tasks, taskArn)
            if (task !== undefined) tx.put(tasks, { ...task, protectedUntil: undefined })
          }
        })
        return answer
      }),
  }),
}

export const settledAtOnce: PlantedBug = {
  name: 'settled-at-once',
  says: 'A task counts as healthy as soon as it is RUNNING.',
  seams: () =>
    blurred(scheduler, tasks, task =>
      task.startedAt === undefined ? task : { ...task, startedAt: task.startedAt - taskSettleMs },
    ),
}

export const trustedHealth: PlantedBug = {
  name: 'trusted-health',
  says: 'A task with a health check counts as healthy before the check has said so.',
  seams: () => blurred(scheduler, tasks, task => (task.healthStatus === 'UNKNOWN' ? unchecked(task) : task)),
}

export const ignoredIllness: PlantedBug = {
  name: 'ignored-illness',
  says: 'Services keep tasks that are UNHEALTHY.',
  seams: () =>
    blurred(scheduler, tasks, task => (task.healthStatus === 'UNHEALTHY' ? unchecked(task) : task)),
}

/** As if it had no health check. */
const unchecked = (task: TaskRow): TaskRow => ({
  ...task,
  healthStatus: 'UNKNOWN',
  containers: task.containers.map(({ healthStatus: _, ...container }) => container),
})

export const noGrace: PlantedBug = {
  name: 'no-grace',
  says: 'The grace period of health checks is forgotten.',
  seams: () => blurred(scheduler, services, service => ({ ...service, healthCheckGracePeriodSeconds: 0 })),
}

/** The percentage that makes this many tasks of the desired ones. */
const percentOf = (count: number, { desiredCount }: ServiceRow): number =>
  desiredCount === 0 ? 100 : (100 * count) / desiredCount

export const roundedDown: PlantedBug = {
  name: 'rounded-down',
  says: 'The minimum of healthy tasks is rounded down.',
  seams: () =>
    blurred(scheduler, services, service => {
      const { deploymentConfiguration: configuration, desiredCount } = service
      const least = Math.floor((desiredCount * (configuration.minimumHealthyPercent ?? 100)) / 100)
      const minimumHealthyPercent = percentOf(least, service)
      return { ...service, deploymentConfiguration: { ...configuration, minimumHealthyPercent } }
    }),
}

export const roundedUp: PlantedBug = {
  name: 'rounded-up',
  says: 'The maximum of tasks is rounded up, and one more.',
  seams: () =>
    blurred(scheduler, services, service => {
      const { deploymentConfiguration: configuration, desiredCount } = service
      const most = Math.ceil((desiredCount * (configuration.maximumPercent ?? 200)) / 100) + 1
      const maximumPercent = percentOf(most, service)
      return { ...service, deploymentConfiguration: { ...configuration, maximumPercent } }
    }),
}

export const tirelessLaunches: PlantedBug = {
  name: 'tireless-launches',
  says: 'Tasks that never start are launched again without a pause.',
  seams: () =>
    plansOf(scheduler, plan => ({
      ...plan,
      steps: plan.steps.map(step =>
        step.kind === 'put' && 'launchAfter' in step.row
          ? { ...step, row: { ...step.row, launchAfter: undefined } }
          : step,
      ),
    })),
}

export const undeadService: PlantedBug = {
  name: 'undead-service',
  says: 'A deleted service keeps its tasks.',
  seams: () => ({
    reconcilers: reconcilers =>
      reconcilers.map(reconciler =>
        reconciler.name === scheduler
          ? {
              ...reconciler,
              reconcile: (view, key, surroundings) =>
                view.get(services, key)?.status === 'DRAINING'
                  ? { expects: [], steps: [] }
                  : reconciler.reconcile(view, key, surroundings),
            }
          : reconciler,
      ),
  }),
}

export const hastyDrain: PlantedBug = {
  name: 'hasty-drain',
  says: 'Draining stops the tasks of services at once, whatever the minimum is.',
  seams: () =>
    plansOf('ecs.draining-tasks', (plan, _, __, planted) => ({
      ...plan,
      steps: plan.steps.map(step => {
        const task = markedTask(step)
        return task === undefined
          ? step
          : put(tasks, requestStop(task, scalingActivity(task.deploymentId ?? ''), planted.now()))
      }),
    })),
}

const markedTask = (step: Step): TaskRow | undefined =>
  step.kind === 'put' && 'onDrainingInstance' in step.row && step.row.onDrainingInstance
    ? (step.row as unknown as TaskRow)
    : undefined

export const drainedStandalone: PlantedBug = {
  name: 'drained-standalone',
  says: 'Draining stops tasks that are of no service.',
  seams: () =>
    plansOf('ecs.draining-tasks', (plan, view, key, planted) => {
      const isDraining = plan.steps.some(step => markedTask(step) !== undefined)
      if (!isDraining) return plan
      const standalone = [...view.where(tasks, 'byInstance', key)].filter(task => !task.serviceArn)
      const stops = standalone.map(task => put(tasks, requestStop(task, scalingActivity(''), planted.now())))
      return { ...plan, steps: [...plan.steps, ...stops] }
    }),
}

export const idleBalance: PlantedBug = {
  name: 'idle-balance',
  says: 'Services are not rebalanced over zones.',
  seams: () =>
    blurred(scheduler, services, service => ({
      ...service,
      availabilityZoneRebalancing: 'DISABLED' as const,
    })),
}
