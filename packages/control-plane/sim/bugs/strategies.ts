/** Bugs of deployments with two revisions side by side, of their hooks, and of their traffic. */
import { put, remove, type Step } from '../../src/control-loop/plan.ts'
import { hookCallKind } from '../../src/services/ecs/index.ts'
import {
  deployments,
  type ServiceDeploymentRow,
  serviceDeployments,
  tasks,
} from '../../src/services/ecs/tables/index.ts'
import type { View } from '../../src/store/view.ts'
import type { PlantedBug, Seams } from '../seams.ts'
import { blurred, plansOf } from './seen-through.ts'

const scheduler = 'ecs.services'

type Progress = NonNullable<ServiceDeploymentRow['progress']>

/** Writes the progress of service deployments otherwise. */
const progressing = (
  change: (progress: Progress, before: ServiceDeploymentRow | undefined, view: View) => Progress,
): Seams =>
  plansOf(scheduler, (plan, view) => ({
    ...plan,
    steps: plan.steps.map((step): Step => {
      if (step.kind !== 'put' || step.table.name !== serviceDeployments.name) return step
      const row = step.row as unknown as ServiceDeploymentRow
      const { progress } = row
      if (progress === undefined) return step
      const changed = change(progress, view.get(serviceDeployments, row.id), view)
      return put(serviceDeployments, { ...row, progress: changed })
    }),
  }))

export const emptyGoes: PlantedBug = {
  name: 'empty-goes',
  says: 'A deployment without tasks is forgotten, although it stands beside another one.',
  seams: () =>
    plansOf(scheduler, (plan, view, key) => {
      const empty = [...view.where(deployments, 'byService', key)].filter(
        ({ id, status }) =>
          status !== 'PRIMARY' &&
          [...view.where(tasks, 'byDeployment', id)].every(task => task.lastStatus === 'STOPPED'),
      )
      return { ...plan, steps: [...plan.steps, ...empty.map(({ id }) => remove(deployments, id))] }
    }),
}

export const newestSource: PlantedBug = {
  name: 'newest-source',
  says: 'The newest of the other deployments is kept beside a new one, not the one that completed last.',
  seams: () =>
    progressing((progress, before, view) => {
      if (before === undefined || before.progress !== undefined) return progress
      const others = [...view.where(deployments, 'byService', before.serviceArn)]
        .filter(({ id }) => id !== before.targetDeploymentId)
        .sort((a, b) => b.createdAt - a.createdAt)
      return { ...progress, sourceDeploymentId: others[0]?.id }
    }),
}

export const patientRollback: PlantedBug = {
  name: 'patient-rollback',
  says: 'A deployment that is rolled back goes on waiting for the hooks that it waited for.',
  seams: () =>
    progressing((progress, before) =>
      progress.isRollingBack && before?.progress?.isRollingBack === false
        ? { ...progress, hooks: before.progress.hooks }
        : progress,
    ),
}

export const doubledHook: PlantedBug = {
  name: 'doubled-hook',
  says: 'The task of a hook is run without a clientToken of its own.',
  seams: () => ({
    performers: (performers, { random }) => ({
      ...performers,
      [hookCallKind]: effect =>
        performers[hookCallKind]?.({ ...effect, id: `${effect.id}:${random.hex(4)}` }) ??
        Promise.resolve(null),
    }),
  }),
}

/** Whoever is about to begin a stage begins the one after it. */
const skipping = (stage: Progress['stage'], next: Progress['stage']): Seams =>
  blurred(scheduler, serviceDeployments, row =>
    row.progress?.stage === stage && !row.progress.isRollingBack
      ? { ...row, progress: { ...row.progress, stage: next } }
      : row,
  )

export const skippedStage: PlantedBug = {
  name: 'skipped-stage',
  says: 'The hooks of a stage are not waited for.',
  seams: () =>
    blurred(scheduler, serviceDeployments, row =>
      row.progress && !row.progress.isRollingBack && row.progress.hooks.length > 0
        ? {
            ...row,
            progress: {
              ...row.progress,
              hooks: row.progress.hooks.map(run => ({ ...run, status: 'SUCCEEDED' as const })),
            },
          }
        : row,
    ),
}

export const hastyShift: PlantedBug = {
  name: 'hasty-shift',
  says: 'Traffic is moved before the new revision has healthy tasks.',
  seams: () => skipping('SCALE_UP', 'PRODUCTION_TRAFFIC_SHIFT'),
}

export const hastyCleanUp: PlantedBug = {
  name: 'hasty-clean-up',
  says: 'The old revision is removed when the new one is there, before the traffic is moved.',
  seams: () => skipping('POST_SCALE_UP', 'CLEAN_UP'),
}
