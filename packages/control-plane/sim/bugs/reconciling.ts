/** Bugs of the reconcilers and of what applies their plans. */
import { type Plan, put } from '../../src/control-loop/plan.ts'
import { lostInstanceReconciler } from '../../src/services/ecs/reconcilers/lost-instances.ts'
import { containerInstances, type TaskRow, tasks } from '../../src/services/ecs/tables/index.ts'
import { requestStop, scalingActivity } from '../../src/services/ecs/task-stop.ts'
import type { PlantedBug } from '../seams.ts'
import { wrap } from '../wrap.ts'
import { plansOf } from './seen-through.ts'

export const skippedExpects: PlantedBug = {
  name: 'skipped-expects',
  says: 'A plan is applied although the rows that it was made from have changed.',
  seams: () => plansOf(undefined, plan => ({ ...plan, expects: [] })),
}

export const lostWake: PlantedBug = {
  name: 'lost-wake',
  says: 'The loop forgets when to look at lost hosts again.',
  seams: () =>
    plansOf('ecs.lost-instance', ({ expects, steps, unfinished }) => ({
      expects,
      steps,
      ...(unfinished === undefined ? {} : { unfinished }),
    })),
}

export const missedChange: PlantedBug = {
  name: 'missed-change',
  says: 'Services do not hear of what becomes of their tasks.',
  seams: () => ({
    reconcilers: reconcilers =>
      reconcilers.map(reconciler => ({
        ...reconciler,
        keysOf: (change, view) =>
          reconciler.name === 'ecs.services' && change.table.name === tasks.name
            ? []
            : reconciler.keysOf(change, view),
      })),
  }),
}

export const stopsOneTooMany: PlantedBug = {
  name: 'stops-one-too-many',
  says: 'A deployment that stops tasks stops one more.',
  seams: () =>
    plansOf('ecs.services', (plan, view, key) => {
      const stopping = new Set(
        plan.steps.flatMap(step => (step.kind === 'put' && isStop(step.row) ? step.row.id : [])),
      )
      if (stopping.size === 0) return plan
      for (const task of view.where(tasks, 'byService', `${key}|RUNNING`))
        if (!stopping.has(task.id) && task.lastStatus === 'RUNNING') {
          const cause = scalingActivity(task.deploymentId ?? '')
          return { ...plan, steps: [...plan.steps, put(tasks, requestStop(task, cause, stopTimeOf(plan)))] }
        }
      return plan
    }),
}

const isStop = (row: object): row is TaskRow =>
  'desiredStatus' in row &&
  row.desiredStatus === 'STOPPED' &&
  'lastStatus' in row &&
  row.lastStatus !== 'STOPPED'

const stopTimeOf = ({ steps }: Plan): number =>
  Math.max(...steps.map(step => (step.kind === 'put' && isStop(step.row) ? (step.row.stoppingAt ?? 0) : 0)))

export const launchesOneTooMany: PlantedBug = {
  name: 'launches-one-too-many',
  says: 'A service that launches tasks launches one of them twice.',
  seams: () =>
    plansOf('ecs.services', (plan, view) => {
      const fresh = plan.steps.find(
        step =>
          step.kind === 'put' && step.table.name === tasks.name && view.get(tasks, step.row.id) === undefined,
      )
      if (fresh?.kind !== 'put') return plan
      const row = fresh.row as TaskRow
      const twin = { ...row, id: `${row.id.slice(0, -6)}${row.id.slice(-12, -6)}` }
      return { ...plan, steps: [...plan.steps, put(tasks, twin)] }
    }),
}

export const deafDaemon: PlantedBug = {
  name: 'deaf-daemon',
  says: 'DAEMON services do not hear of instances that come, go, drain or are ACTIVE again.',
  seams: () => ({
    reconcilers: reconcilers =>
      reconcilers.map(reconciler => ({
        ...reconciler,
        keysOf: (change, view) =>
          reconciler.name === 'ecs.services' && change.table.name === containerInstances.name
            ? []
            : reconciler.keysOf(change, view),
      })),
  }),
}

export const doubledDaemon: PlantedBug = {
  name: 'doubled-daemon',
  says: 'A DAEMON service starts a second task on an instance.',
  seams: () =>
    plansOf('ecs.services', (plan, view) => {
      const fresh = plan.steps.find(
        step => step.kind === 'put' && 'isDaemon' in step.row && view.get(tasks, step.row.id) === undefined,
      )
      if (fresh?.kind !== 'put') return plan
      const row = fresh.row as TaskRow
      const twin = { ...row, id: `${row.id.slice(0, -6)}${row.id.slice(-12, -6)}` }
      return { ...plan, steps: [...plan.steps, put(tasks, twin)] }
    }),
}

export const freedTooEarly: PlantedBug = {
  name: 'freed-too-early',
  says: 'What tasks of a lost host hold there is free before the host says that they have stopped.',
  seams: () =>
    plansOf('ecs.lost-instance', plan => ({
      ...plan,
      steps: plan.steps.map(step =>
        step.kind === 'put' && 'stopUnconfirmed' in step.row
          ? { ...step, row: { ...step.row, stopUnconfirmed: undefined } }
          : step,
      ),
    })),
}

export const givesUpEarly: PlantedBug = {
  name: 'gives-up-early',
  says: 'Hosts are given up after two seconds of silence, and at once after a start.',
  seams: () => ({
    reconcilers: reconcilers =>
      reconcilers.map(reconciler =>
        reconciler.name === 'ecs.lost-instance'
          ? lostInstanceReconciler({
              startedAt: () => 0,
              lostAfterMs: { berth: 2_000, ecs: 2_000 },
              graceMs: { berth: 0, ecs: 0 },
            })
          : reconciler,
      ),
  }),
}

export const forgetfulBreaker: PlantedBug = {
  name: 'forgetful-breaker',
  says: 'The circuit breaker forgets the failures of a deployment before there are too many.',
  seams: () =>
    plansOf('ecs.services', plan => ({
      ...plan,
      steps: plan.steps.map(step =>
        step.kind === 'put' && 'breakerFailures' in step.row
          ? { ...step, row: { ...step.row, breakerFailures: 0 } }
          : step,
      ),
    })),
}

export const unseenLeap: PlantedBug = {
  name: 'unseen-leap',
  says: 'When the clock leaps ahead, agents count as silent for as long.',
  seams: () => ({ clockOfPresence: clock => wrap(clock, { leaptAt: undefined }) }),
}
