/** Bugs of the scheduler: it does not see what is taken, or where it may place. */
import {
  type ContainerInstanceRow,
  containerInstances,
  type TaskRow,
  tasks,
  type Usage,
} from '../../src/services/ecs/tables/index.ts'
import type { JournaledStore } from '../../src/store/journaled-store.ts'
import type { Transaction, View } from '../../src/store/view.ts'
import type { PlantedBug, Seams } from '../seams.ts'
import { wrap } from '../wrap.ts'
import { plansOf } from './seen-through.ts'

const blind = <V extends View>(view: V, forget: Partial<Usage>): V =>
  wrap(view, {
    total: (table: never, aggregate: never, key: string) => {
      const total = view.total(table, aggregate, key)
      return total !== undefined && aggregate === 'usageByInstance'
        ? { ...(total as Usage), ...forget }
        : total
    },
  } as unknown as Partial<V>)

const blindStore = (store: JournaledStore, forget: Partial<Usage>): JournaledStore => {
  const update: JournaledStore['update'] = run => store.update(tx => run(blind<Transaction>(tx, forget)))
  return wrap(blind(store, forget), { update })
}

const blindTo = (forget: Partial<Usage>): Seams => ({
  storeOfCalls: store => wrap(store, { update: run => blindStore(store, forget).update(run) }),
  storeOfLoop: store => blindStore(store, forget),
})

export const reusedPort: PlantedBug = {
  name: 'reused-port',
  says: 'The scheduler gives out host ports that other tasks hold.',
  seams: () => blindTo({ ports: new Map() }),
}

export const overcommit: PlantedBug = {
  name: 'overcommit',
  says: 'The scheduler does not see what other tasks take of CPU and memory.',
  seams: () => blindTo({ cpu: 0, memoryMiB: 0 }),
}

/** Moves tasks that a plan would start to an instance that they must not start on. */
const misplaced = (wrongFor: (right: ContainerInstanceRow, other: ContainerInstanceRow) => boolean): Seams =>
  plansOf('ecs.services', (plan, view) => ({
    ...plan,
    steps: plan.steps.map(step => {
      if (step.kind !== 'put' || step.table.name !== tasks.name || view.get(tasks, step.row.id)) return step
      const right = view.get(containerInstances, (step.row as TaskRow).containerInstanceArn ?? '')
      const wrong = right && [...view.all(containerInstances)].find(other => wrongFor(right, other))
      return wrong ? { ...step, row: { ...step.row, containerInstanceArn: wrong.id } } : step
    }),
  }))

export const placedOnDraining: PlantedBug = {
  name: 'placed-on-draining',
  says: 'Services start tasks on instances that are DRAINING.',
  seams: () =>
    misplaced(({ clusterArn }, other) => other.status === 'DRAINING' && other.clusterArn === clusterArn),
}

export const foreignInstances: PlantedBug = {
  name: 'foreign-instances',
  says: 'Services start tasks on instances of other clusters.',
  seams: () =>
    misplaced(({ clusterArn }, other) => other.status === 'ACTIVE' && other.clusterArn !== clusterArn),
}
