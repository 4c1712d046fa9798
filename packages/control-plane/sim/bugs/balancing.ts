/** Bugs of load balancers, their targets, and the hosts that carry them. */
import type { BerthFacts, BerthTargetHealth } from '@berth/model'
import { shiftKind, type TrafficShift } from '../../src/services/ecs/deployment/traffic/traffic-router.ts'
import { type ContainerInstanceRow, containerInstances } from '../../src/services/ecs/tables/index.ts'
import { loadBalancers, targets } from '../../src/services/elbv2/index.ts'
import type { PlantedBug } from '../seams.ts'
import { wrap } from '../wrap.ts'
import { blurred, plansOf } from './seen-through.ts'

export const undrainedStop: PlantedBug = {
  name: 'undrained-stop',
  says: 'The host of a task is told to stop it while load balancers still send to it.',
  seams: () => ({
    storeOfGateway: store =>
      wrap(store, {
        count: ((table: typeof targets, index: never, key: string) =>
          table.name === targets.name ? 0 : store.count(table, index, key)) as typeof store.count,
      }),
  }),
}

export const keptTarget: PlantedBug = {
  name: 'kept-target',
  says: 'The target of a task that has ended stays.',
  seams: () =>
    plansOf('ecs.task-targets', plan => ({
      ...plan,
      steps: plan.steps.filter(({ kind }) => kind !== 'delete'),
    })),
}

export const trustedTargets: PlantedBug = {
  name: 'trusted-targets',
  says: 'Targets that a host finds unhealthy are taken for healthy.',
  seams: () => ({
    incoming: frame => {
      if (frame.type !== 'BerthTargetHealth') return frame
      const message = frame.message as BerthTargetHealth
      const found = message.targets.map(target =>
        target.state === 'unhealthy' ? { ...target, state: 'healthy' as const } : target,
      )
      return { ...frame, message: { ...message, targets: found } }
    },
  }),
}

export const forgottenAlternate: PlantedBug = {
  name: 'forgotten-alternate',
  says: 'A shift of traffic does not ask in which of the two target groups a revision is.',
  seams: () => ({
    performers: performers => ({
      ...performers,
      [shiftKind]: effect => {
        const request = { ...(effect.request as TrafficShift), inAlternate: [] }
        return performers[shiftKind]?.({ ...effect, request }) ?? Promise.resolve(null)
      },
    }),
  }),
}

export const clingingBalancer: PlantedBug = {
  name: 'clinging-balancer',
  says: 'A load balancer stays with its host when that is lost.',
  seams: () =>
    blurred(
      'elbv2.load-balancers',
      containerInstances,
      ({ lostAt: _, ...row }) => row as ContainerInstanceRow,
    ),
}

export const twoCarriers: PlantedBug = {
  name: 'two-carriers',
  says: 'A host is not told that another one carries a load balancer now.',
  seams: () => ({
    outgoing: frame => {
      const facts = frame.message as BerthFacts
      return frame.type === 'BerthFacts' && facts.topic === 'ingress'
        ? { ...frame, message: { ...facts, gone: [] } }
        : frame
    },
  }),
}

export const sharedAddress: PlantedBug = {
  name: 'shared-address',
  says: 'Nobody looks whether another load balancer has an address already.',
  seams: () => ({
    reconcilers: reconcilers =>
      reconcilers.map(reconciler =>
        reconciler.name !== 'elbv2.load-balancers'
          ? reconciler
          : {
              ...reconciler,
              reconcile: (view, key, surroundings) => {
                const unaware = wrap(view, {
                  count: ((table: { readonly name: string }, index: string, value: string) =>
                    table.name === loadBalancers.name && index === 'byFrontAddress'
                      ? 0
                      : view.count(
                          table as typeof loadBalancers,
                          index as 'byScope',
                          value,
                        )) as typeof view.count,
                })
                return reconciler.reconcile(unaware, key, surroundings)
              },
            },
      ),
  }),
}
