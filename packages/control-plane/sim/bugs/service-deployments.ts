/** Bugs of service deployments: how they end, what is kept of them, and what guards them. */
import { put, type Step } from '../../src/control-loop/plan.ts'
import {
  type AlarmStateRow,
  alarmStates,
  type DeploymentRow,
  deployments,
  endedServiceDeployments,
  hasEnded,
  type ServiceDeploymentRow,
  serviceDeployments,
  services,
} from '../../src/services/ecs/tables/index.ts'
import type { JournaledStore } from '../../src/store/journaled-store.ts'
import type { Transaction } from '../../src/store/view.ts'
import type { PlantedBug, Seams } from '../seams.ts'
import { wrap } from '../wrap.ts'
import { blurred, lookingAt, plansOf } from './seen-through.ts'

const scheduler = 'ecs.services'
const hourMs = 3_600_000

/** What operations note of service deployments that have ended goes through `note`. */
const noting = (note: (tx: Transaction, row: ServiceDeploymentRow) => void): Seams => ({
  storeOfCalls: (store: JournaledStore) =>
    wrap(store, {
      update: run =>
        store.update(tx =>
          run(
            wrap(tx, {
              append: (history: { readonly name: string }, row: never) => {
                if (history.name === endedServiceDeployments.name) note(tx, row)
                else tx.append(history as never, row)
              },
            } as unknown as Partial<typeof tx>),
          ),
        ),
    }),
})

export const forgottenDeployment: PlantedBug = {
  name: 'forgotten-deployment',
  says: 'A service deployment is forgotten when the next one begins.',
  seams: () => noting(() => {}),
}

export const unendedDeployment: PlantedBug = {
  name: 'unended-deployment',
  says: 'A service deployment that is overtaken goes into history as it is.',
  seams: () =>
    noting((tx, row) => tx.append(endedServiceDeployments, tx.get(serviceDeployments, row.id) ?? row)),
}

export const revivedDeployment: PlantedBug = {
  name: 'revived-deployment',
  says: 'A service deployment that has ended goes on when its service starts tasks again.',
  seams: () =>
    plansOf(scheduler, (plan, view, key) => {
      const [latest] = view.where(serviceDeployments, 'byService', key)
      const isStarting = plan.steps.some(step => step.kind === 'put' && 'connectivity' in step.row)
      if (latest === undefined || !hasEnded(latest) || !isStarting) return plan
      const revived = put(serviceDeployments, { ...latest, status: 'IN_PROGRESS', finishedAt: undefined })
      return { ...plan, steps: [...plan.steps, revived] }
    }),
}

export const unendedDeletion: PlantedBug = {
  name: 'unended-deletion',
  says: 'The service deployment of a service that is deleted does not end.',
  seams: () =>
    plansOf(scheduler, (plan, view, key) =>
      view.get(services, key)?.status === 'ACTIVE'
        ? plan
        : {
            ...plan,
            steps: plan.steps.filter(
              step => step.kind !== 'put' || step.table.name !== serviceDeployments.name,
            ),
          },
    ),
}

export const orphanedEffects: PlantedBug = {
  name: 'orphaned-effects',
  says: 'What was asked of the outside is asked for ever, whoever waits for it.',
  seams: () => plansOf('ecs.endedEffects', plan => ({ ...plan, steps: [] })),
}

export const forgottenEffect: PlantedBug = {
  name: 'forgotten-effect',
  says: 'What a server had begun of the outside when it died is begun by no other.',
  seams: () => {
    const begun = new Map<string, object>()
    return {
      performers: performers =>
        Object.fromEntries(
          Object.entries(performers).map(([kind, perform]) => [
            kind,
            async effect => {
              const by = begun.get(effect.id) ?? performers
              begun.set(effect.id, by)
              return by === performers ? perform(effect) : new Promise(() => {})
            },
          ]),
        ),
    }
  },
}

const seeingAlarms = (look: (row: AlarmStateRow) => AlarmStateRow): Seams => ({
  reconcilers: reconcilers =>
    reconcilers.map(reconciler =>
      reconciler.name === 'ecs.deployment-alarms'
        ? {
            ...reconciler,
            reconcile: (view, key, surroundings) =>
              reconciler.reconcile(lookingAt(view, alarmStates, look), key, surroundings),
          }
        : reconciler,
    ),
})

export const deafAlarms: PlantedBug = {
  name: 'deaf-alarms',
  says: 'No deployment hears of its alarms.',
  seams: () => seeingAlarms(row => ({ ...row, state: 'OK' })),
}

export const falseAlarms: PlantedBug = {
  name: 'false-alarms',
  says: 'An alarm that is over counts as one that goes off.',
  seams: () => seeingAlarms(row => ({ ...row, state: 'ALARM' })),
}

export const bakedAndForgotten: PlantedBug = {
  name: 'baked-and-forgotten',
  says: 'While a deployment bakes nobody looks at its alarms.',
  seams: () =>
    blurred(scheduler, serviceDeployments, row =>
      row.alarms && row.bakingSince !== undefined
        ? { ...row, alarms: { ...row.alarms, triggeredAlarmNames: [] } }
        : row,
    ),
}

export const hastyBake: PlantedBug = {
  name: 'hasty-bake',
  says: 'The bake time of a rolling update is over at once.',
  seams: () =>
    blurred(scheduler, serviceDeployments, row => ({
      ...row,
      bakingSince: row.bakingSince && row.bakingSince - hourMs,
    })),
}

export const hastyBakeOfStrategies: PlantedBug = {
  name: 'hasty-bake-of-strategies',
  says: 'The bake time of a blue/green deployment is over at once.',
  seams: () =>
    blurred(scheduler, serviceDeployments, row =>
      row.progress?.stage === 'BAKE_TIME'
        ? { ...row, progress: { ...row.progress, since: row.progress.since - hourMs } }
        : row,
    ),
}

export const unpinnedRestore: PlantedBug = {
  name: 'unpinned-restore',
  says: 'What a deployment is rolled back to starts its tasks without the digests that it had.',
  seams: () =>
    plansOf(scheduler, (plan, view) => ({
      ...plan,
      steps: plan.steps.map((step): Step => {
        if (step.kind !== 'put' || step.table.name !== deployments.name) return step
        const row = step.row as unknown as DeploymentRow
        const isRestored = row.isRollback && view.get(deployments, row.id)?.isRollback !== true
        return isRestored ? put(deployments, { ...row, imageDigests: undefined }) : step
      }),
    })),
}

export const hastyUpdate: PlantedBug = {
  name: 'hasty-update',
  says: 'A rolling update does not wait for the hooks that come before its first task.',
  seams: () =>
    blurred(scheduler, serviceDeployments, row => {
      const { progress, deploymentConfiguration } = row
      const isRolling = (deploymentConfiguration.strategy ?? 'ROLLING') === 'ROLLING'
      return isRolling && progress?.stage === 'PRE_SCALE_UP'
        ? { ...row, progress: { ...progress, stage: 'SCALE_UP' as const, hooks: [] } }
        : row
    }),
}
