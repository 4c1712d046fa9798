/** One service with many tasks, started, rolled and scaled in by the real control loop. Hosts do at once what they are told. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { taskDefinitionArn } from '@berth/model'
import type { ControlLoop } from '../packages/control-plane/src/control-loop/loop.ts'
import {
  newDeployment,
  newDeploymentId,
} from '../packages/control-plane/src/services/ecs/deployment/new-deployment.ts'
import { defaultServiceSettings } from '../packages/control-plane/src/services/ecs/deployment/service-plan.ts'
import {
  deployments,
  type ServiceRow,
  services,
  type TaskRow,
  taskDefinitions,
  tasks,
} from '../packages/control-plane/src/services/ecs/tables/index.ts'
import { applyReport } from '../packages/control-plane/src/services/ecs/task-report.ts'
import type { JournaledStore } from '../packages/control-plane/src/store/journaled-store.ts'
import type { Transaction } from '../packages/control-plane/src/store/view.ts'
import { percentile } from './measure.ts'
import { clusterOf, definition, hex, serviceRow } from './placement-cluster.ts'
import { timedLoop } from './timed-loop.ts'

const sizes = [1_000, 5_000, 20_000]
/** What one frame of an agent reports at the most. */
const reportedAtOnce = 25

/** Tasks that wait for their hosts; a host has done what it was told in the next turn. */
const obeyed = (store: JournaledStore): (() => void) => {
  const told = new Set<string>()
  store.watch(({ changes }) => {
    for (const { table, id, after } of changes) {
      const row = after as TaskRow | undefined
      if (table.name === tasks.name && row && isTold(row)) told.add(id)
    }
  })
  return () => {
    const ids = [...told].slice(0, reportedAtOnce)
    if (ids.length === 0) return
    store.update(tx => {
      for (const id of ids) {
        told.delete(id)
        const row = tx.get(tasks, id)
        if (row && isTold(row)) report(tx, row)
      }
    })
  }
}

const isTold = ({ desiredStatus, lastStatus }: TaskRow): boolean =>
  lastStatus === 'PENDING' || (desiredStatus === 'STOPPED' && lastStatus !== 'STOPPED')

const report = (tx: Transaction, row: TaskRow): void => {
  const status = row.desiredStatus === 'STOPPED' ? ('STOPPED' as const) : ('RUNNING' as const)
  const containers = row.containers.map(({ name: containerName }) => ({
    containerName,
    status,
    ...(status === 'STOPPED' && { exitCode: 143 }),
  }))
  const after = applyReport(row, { taskArn: row.id, status, containers }, Date.now())
  if (after) tx.put(tasks, after)
}

interface Turns {
  readonly longestMs: number
  readonly p99Ms: number
}

/** The control loop on a clock of its own turns, which it notes. */
const loopOn = (store: JournaledStore): { readonly loop: ControlLoop; readonly taken: () => Turns } => {
  let turns: number[] = []
  const loop = timedLoop(store, { ...defaultServiceSettings, taskSettleMs: 0 }, ms => turns.push(ms))
  return {
    loop,
    taken: () => {
      const all = turns
      turns = []
      return { longestMs: Math.max(...all), p99Ms: percentile(all, 99) }
    },
  }
}

/** The first deployment, with nothing else in the way of its tasks. */
const create = (store: JournaledStore, size: number): ServiceRow => {
  const service: ServiceRow = { ...serviceRow(0, { strategy: [], constraints: [] }), desiredCount: size }
  store.update(tx => {
    tx.put(services, service)
    tx.put(deployments, newDeployment(service, service.primaryDeploymentId, Date.now()))
  })
  return service
}

const roll = (store: JournaledStore, { id }: ServiceRow): void =>
  store.update(tx => {
    const before = tx.get(services, id)
    const old = before && tx.get(deployments, before.primaryDeploymentId)
    if (before === undefined || old === undefined) throw new Error(`${id} is gone`)
    const next = taskDefinitionArn({ accountId: '123456789012', region: 'us-east-1' }, 'web', 2)
    tx.put(taskDefinitions, { ...definition, id: next, revision: 2 })
    const after = { ...before, taskDefinitionArn: next, primaryDeploymentId: newDeploymentId(hex) }
    tx.put(services, after)
    tx.put(deployments, { ...old, status: 'ACTIVE' })
    tx.put(deployments, newDeployment(after, after.primaryDeploymentId, Date.now()))
  })

/** What its turns take: `show` prints a row of a table. */
export const largeService = async (show: (values: readonly string[]) => void): Promise<void> => {
  show(['one service', 'tasks', 'what', 'p99 of turns', 'longest turn'])
  for (const size of sizes) {
    const store = await clusterOf()
    const obey = obeyed(store)
    const { loop, taken } = loopOn(store)
    const until = async (what: string, count: number, definitions = 1): Promise<void> => {
      const isThere = (): boolean => {
        const {
          running = 0,
          pending = 0,
          stopping = 0,
        } = store.total(tasks, 'countsByService', service.id) ?? {}
        return (
          running === count &&
          pending + stopping === 0 &&
          store.count(deployments, 'byService', service.id) === definitions
        )
      }
      while (!isThere()) {
        obey()
        await nextTurn()
      }
      const { p99Ms, longestMs } = taken()
      show(['', String(size), what, `${p99Ms.toFixed(1)} ms`, `${longestMs.toFixed(1)} ms`])
    }
    loop.start()
    const service = create(store, size)
    await until('started', size)
    roll(store, service)
    await until('rolled', size)
    store.update(tx => {
      const row = tx.get(services, service.id)
      if (row) tx.put(services, { ...row, desiredCount: size / 2 })
    })
    await until('halved', size / 2)
    loop.stop()
  }
}
