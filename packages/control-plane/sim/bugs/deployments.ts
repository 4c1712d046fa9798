/** Bugs of deployments: when they complete, what they are rolled back to, and which images they run. */
import type { AcsFrame, PayloadMessage } from '@berth/model'
import {
  type DeploymentRow,
  deployments,
  services,
  taskDefinitions,
} from '../../src/services/ecs/tables/index.ts'
import type { PlantedBug } from '../seams.ts'
import { wrap } from '../wrap.ts'
import { blurred, plansOf } from './seen-through.ts'

const scheduler = 'ecs.services'

export const twoPrimaries: PlantedBug = {
  name: 'two-primaries',
  says: 'A new deployment leaves the one before it PRIMARY.',
  seams: () => ({
    storeOfCalls: store =>
      wrap(store, {
        update: run =>
          store.update(tx =>
            run(
              wrap(tx, {
                put: (table: never, row: object) => {
                  const { status, id } = row as { status?: string; id: string }
                  const isDemoted =
                    (table as { name: string }).name === deployments.name &&
                    status === 'ACTIVE' &&
                    tx.get(deployments, id)?.status === 'PRIMARY'
                  if (!isDemoted) tx.put(table, row as never)
                },
              } as unknown as Partial<typeof tx>),
            ),
          ),
      }),
  }),
}

export const wrongRollback: PlantedBug = {
  name: 'wrong-rollback',
  says: 'A roll-back goes to the definition that has just failed.',
  seams: () =>
    plansOf(scheduler, (plan, view, key) => {
      const failed = view.get(services, key)?.taskDefinitionArn
      return {
        ...plan,
        steps: plan.steps.map(step =>
          step.kind === 'put' && 'isRollback' in step.row && !view.get(deployments, step.row.id)?.isRollback
            ? { ...step, row: { ...step.row, taskDefinitionArn: failed } }
            : step,
        ),
      }
    }),
}

export const earlyCompletion: PlantedBug = {
  name: 'early-completion',
  says: 'A deployment is COMPLETED as soon as its first task is there.',
  seams: () =>
    plansOf(scheduler, (plan, _, __, planted) => ({
      ...plan,
      steps: plan.steps.map(step =>
        step.kind === 'put' && (step.row as unknown as DeploymentRow).rolloutState === 'IN_PROGRESS'
          ? { ...step, row: { ...step.row, rolloutState: 'COMPLETED', updatedAt: planted.now() } }
          : step,
      ),
    })),
}

export const hastyBreaker: PlantedBug = {
  name: 'hasty-breaker',
  says: 'The circuit breaker gives a deployment up after one task that failed.',
  seams: () =>
    blurred(scheduler, deployments, deployment =>
      deployment.breakerFailures ? { ...deployment, breakerFailures: 3 } : deployment,
    ),
}

export const unpinnedImages: PlantedBug = {
  name: 'unpinned-images',
  says: 'Agents are told the tags of images, although their digests are established.',
  seams: () => ({
    outgoing: frame => {
      if (frame.type !== 'PayloadMessage') return frame
      const payload = frame.message as PayloadMessage
      const changed = payload.tasks.map(task => ({
        ...task,
        containers: task.containers.map(container => ({
          ...container,
          image: container.image.split('@')[0] ?? '',
        })),
      }))
      return { ...frame, message: { ...payload, tasks: changed } } satisfies AcsFrame
    },
  }),
}

export const impatientLaunches: PlantedBug = {
  name: 'impatient-launches',
  says: "A deployment launches all its tasks before the first one's images are known.",
  seams: () =>
    blurred(scheduler, taskDefinitions, row => ({
      ...row,
      definition: {
        ...row.definition,
        containerDefinitions: row.definition.containerDefinitions?.map(container => ({
          ...container,
          versionConsistency: 'disabled' as const,
        })),
      },
    })),
}

export const forgottenDigests: PlantedBug = {
  name: 'forgotten-digests',
  says: 'A roll-back pulls the tags of images anew.',
  seams: () =>
    plansOf(scheduler, plan => ({
      ...plan,
      steps: plan.steps.map(step =>
        step.kind === 'put' && 'lastCompleted' in step.row
          ? {
              ...step,
              row: {
                ...step.row,
                lastCompleted: { ...(step.row.lastCompleted as object), imageDigests: undefined },
              },
            }
          : step,
      ),
    })),
}
