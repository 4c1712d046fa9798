import { describe, expect, it } from 'vitest'
import { applyPlan } from '../../../control-loop/applier.ts'
import type { Store } from '../../../store/view.ts'
import { given, instanceArn, start, storeWith } from '../fixtures/rows.ts'
import { type ContainerInstanceRow, containerInstances, tasks, zoneOutages } from '../tables/index.ts'
import { applyReport } from '../task-report.ts'
import { countZoneOutages, logZoneOutages } from '../zone-outage-log.ts'
import { lostInstanceDefaults, lostInstanceReconciler } from './lost-instances.ts'

const reconciler = lostInstanceReconciler({ ...lostInstanceDefaults, startedAt: () => start })
const later = start + 3_600_000

const gone = (number: number, change: Partial<ContainerInstanceRow> = {}, zone = 'a'): ContainerInstanceRow =>
  given.instance(number, { agentConnected: false, disconnectedAt: later, ...change }, zone)

const reconcile = (store: Store, now: number, zone = 'a') => {
  const plan = reconciler.reconcile(store, `${given.cluster.id}|${zone}`, { now, randomHex: () => '' })
  expect(applyPlan(store, plan)).toBe(true)
  return plan
}

const isLost = (store: Store, number: number): boolean =>
  store.get(containerInstances, instanceArn(number))?.lostAt !== undefined

describe('a host that is silent', () => {
  it('is lost after ten seconds, and its tasks are STOPPED as those of a terminated host', async () => {
    const store = await storeWith({ instances: [gone(1)], tasks: [given.task(1, { lastStatus: 'RUNNING' })] })
    expect(reconcile(store, later + 9_999)).toEqual({ expects: [], steps: [], wakeAt: later + 10_000 })
    reconcile(store, later + 10_000)
    expect(store.get(containerInstances, instanceArn(1))?.lostAt).toBe(later + 10_000)
    expect(store.get(tasks, given.task(1).id)).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode: 'TerminationNotice',
      stoppedReason: 'Host EC2 (instance i-1) terminated.',
      stoppedAt: later + 10_000,
      connectivity: 'DISCONNECTED',
      stopUnconfirmed: true,
    })
    expect(reconcile(store, later + 20_000).steps).toEqual([])
  })

  it('keeps what its tasks hold there, until it says that they have stopped', async () => {
    const held = { cpu: 256, memoryMiB: 512, ports: ['80/tcp'], gpuIds: [] }
    const store = await storeWith({ instances: [gone(1)], tasks: [given.task(1, { reserved: held })] })
    reconcile(store, later + 10_000)
    expect(store.total(tasks, 'usageByInstance', instanceArn(1))).toMatchObject({
      cpu: 256,
      memoryMiB: 512,
      ports: new Map([['80/tcp', 1]]),
      running: 0,
      pending: 0,
    })
    const lost = store.get(tasks, given.task(1).id)
    if (lost === undefined) throw new Error('The task is gone')
    const report = { taskArn: lost.id, status: 'STOPPED', containers: [] } as const
    const confirmed = applyReport(lost, report, later + 20_000)
    expect(confirmed).toEqual({ ...lost, stopUnconfirmed: undefined })
    store.update(tx => confirmed && tx.put(tasks, confirmed))
    expect(store.total(tasks, 'usageByInstance', instanceArn(1))).toBeUndefined()
    expect(applyReport({ ...lost, stopUnconfirmed: undefined }, report, later)).toBeUndefined()
  })

  it('keeps nothing of a task that it was never told of, which waited for its interface', async () => {
    const networkInterface = {
      attachmentId: 'attachment-1',
      subnetId: 'subnet-1',
      securityGroupIds: ['sg-1'],
      status: 'PRECREATED',
    } as const
    const waiting = given.task(1, { lastStatus: 'PROVISIONING', networkInterface })
    const store = await storeWith({ instances: [gone(1)], tasks: [waiting] })
    reconcile(store, later + 10_000)
    expect(store.get(tasks, waiting.id)?.lastStatus).toBe('STOPPED')
    expect(store.total(tasks, 'usageByInstance', instanceArn(1))).toBeUndefined()
  })

  it('is given more time when its agent is the official one, or the server has just started', async () => {
    const official = await storeWith({ instances: [gone(1, { agentKind: 'ecs' })] })
    expect(reconcile(official, later + 10_000).wakeAt).toBe(later + 150_000)
    const fresh = await storeWith({ instances: [gone(1, { disconnectedAt: start - 60_000 })] })
    expect(reconcile(fresh, start).wakeAt).toBe(start + 30_000)
    reconcile(fresh, start + 30_000)
    expect(isLost(fresh, 1)).toBe(true)
  })

  it('stays as it is once it is connected or INACTIVE', async () => {
    const instances = [given.instance(1), gone(2, { status: 'INACTIVE' })]
    const store = await storeWith({
      instances,
      tasks: [given.task(1), given.task(2, { containerInstanceArn: instanceArn(2) })],
    })
    expect(reconcile(store, later + 60_000)).toEqual({ expects: [], steps: [] })
  })

  it('has its tasks stopped slice by slice', async () => {
    const store = await storeWith({
      instances: [gone(1)],
      tasks: Array.from({ length: 600 }, (_, number) => given.task(number)),
    })
    const slices = [0, 1, 2, 3].map(() => reconcile(store, later + 10_000))
    expect(slices.map(({ unfinished }) => unfinished)).toEqual([true, true, undefined, undefined])
    expect(store.count(tasks, 'byInstance', instanceArn(1))).toBe(0)
  })

  it('has a key when the server starts, and when a host changes', async () => {
    const store = await storeWith({ instances: [gone(1), given.instance(2, {}, 'b')] })
    expect([...reconciler.keys(store)]).toEqual([`${given.cluster.id}|a`])
    const change = {
      table: containerInstances as never,
      id: instanceArn(2),
      after: given.instance(2, {}, 'b'),
    }
    expect([...reconciler.keysOf(change, store)]).toEqual([`${given.cluster.id}|b`])
  })
})

describe('hosts of a zone that vanish together', () => {
  const zone = (vanished: number, hosts: number): ContainerInstanceRow[] =>
    Array.from({ length: hosts }, (_, index) =>
      index < vanished
        ? gone(index + 1, { disconnectedAt: later + index * 1000 })
        : given.instance(index + 1),
    )
  const due = later + 60_000

  it('are not lost when they are three or more, and more than 30 % of it; a record says so until they return', async () => {
    const store = await storeWith({ instances: zone(3, 9), tasks: [given.task(1)] })
    reconcile(store, due)
    expect([1, 2, 3].map(number => isLost(store, number))).toEqual([false, false, false])
    expect([...store.all(zoneOutages)]).toEqual([
      {
        id: `${given.cluster.id}|a`,
        clusterArn: given.cluster.id,
        since: due,
        containerInstanceArns: [1, 2, 3].map(instanceArn),
      },
    ])
    expect(reconcile(store, due + 60_000).steps).toEqual([])
    store.update(tx => tx.put(containerInstances, given.instance(2)))
    reconcile(store, due + 120_000)
    expect([...store.all(zoneOutages)]).toEqual([])
    expect([1, 2, 3].map(number => isLost(store, number))).toEqual([true, false, true])
  })

  it('are lost when they are two, or 30 % of the zone', async () => {
    for (const instances of [zone(2, 2), zone(3, 10)]) {
      const store = await storeWith({ instances })
      reconcile(store, due)
      expect(isLost(store, 1) && isLost(store, 2)).toBe(true)
    }
  })

  it('count only when it was within a minute, but those too that were given up meanwhile', async () => {
    const times = (disconnectedAt: readonly number[]) =>
      disconnectedAt.map((time, index) => gone(index + 1, { disconnectedAt: later + time }))
    const slow = await storeWith({ instances: times([0, 70_000, 140_000]) })
    reconcile(slow, later + 200_000)
    expect([1, 2, 3].map(number => isLost(slow, number))).toEqual([true, true, true])
    const staggered = await storeWith({
      instances: times([0, 0, 20_000]).map((host, index) =>
        index < 2 ? { ...host, lostAt: later + 10_000 } : host,
      ),
    })
    reconcile(staggered, later + 40_000)
    expect(isLost(staggered, 3)).toBe(false)
  })

  it('are told to the operator when they go, when the server starts, and when they are back', async () => {
    const store = await storeWith({ instances: zone(3, 9) })
    const lines: object[] = []
    const log = {
      info: (fields: object) => lines.push({ info: fields }),
      warn: (fields: object) => lines.push({ warn: fields }),
    }
    logZoneOutages(store, log)
    reconcile(store, due)
    const where = { clusterArn: given.cluster.id, availabilityZone: 'a' }
    expect(lines.splice(0)).toEqual([{ warn: { ...where, containerInstances: 3 } }])
    expect(countZoneOutages(store)).toBe(1)
    logZoneOutages(store, log)()
    expect(lines.splice(0)).toEqual([{ warn: { ...where, containerInstances: 3 } }])
    store.update(tx => tx.put(containerInstances, given.instance(2)))
    reconcile(store, due + 1)
    expect(lines).toEqual([{ info: where }])
    expect(countZoneOutages(store)).toBe(0)
  })

  it('are looked at a few times each, however many they are', async () => {
    const instances = zone(300, 300).map((host, index) => ({ ...host, disconnectedAt: later + index * 100 }))
    const store = await storeWith({ instances })
    let looks = 0
    const counting = (host: ContainerInstanceRow): ContainerInstanceRow =>
      new Proxy(host, {
        get: (row, name) => {
          looks += 1
          return Reflect.get(row, name)
        },
      })
    const view: Store = Object.create(store, {
      where: {
        value: (...query: Parameters<Store['where']>) =>
          [...store.where(...query)].map(row => counting(row as never)),
      },
      count: { value: (...query: Parameters<Store['count']>) => store.count(...query) },
      get: { value: (...query: Parameters<Store['get']>) => store.get(...query) },
    })
    const now = later + 60_000
    const plan = reconciler.reconcile(view, `${given.cluster.id}|a`, { now, randomHex: () => '' })
    expect(plan.steps).toMatchObject([{ row: { containerInstanceArns: { length: 300 } } }])
    expect(looks).toBeLessThan(300 * 30)
  })
})
