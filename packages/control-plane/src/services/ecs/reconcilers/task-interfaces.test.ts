import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPlan } from '../../../control-loop/applier.ts'
import type { JournaledStore } from '../../../store/journaled-store.ts'
import {
  type NetworkInterfaceRow,
  networkInterfaces,
  type SubnetRow,
  securityGroups,
  subnets,
} from '../../ec2/index.ts'
import { given, scope, start, storeWith } from '../fixtures/rows.ts'
import { containerInstances, type TaskInterface, type TaskRow, tasks } from '../tables/index.ts'
import { applyReport } from '../task-report.ts'
import { requestStop, scalingActivity, stopForGood } from '../task-stop.ts'
import { taskInterfaceReconciler as reconcilerWith } from './task-interfaces.ts'

const taskInterfaceReconciler = reconcilerWith({})

const ec2Arn = (resource: string): string => `arn:aws:ec2:${scope.region}:${scope.accountId}:${resource}`
const subnet: SubnetRow = {
  id: ec2Arn('subnet/subnet-1'),
  vpcId: 'vpc-1',
  cidr: '10.0.0.0/28',
  ipv6Block: { associationId: 'subnet-cidr-assoc-1', cidr: 'fd00:0:0:1::/64' },
  availabilityZone: 'a',
  isDefaultForZone: false,
  mapPublicIpOnLaunch: false,
  hostnameType: 'ip-name',
  resourceNameARecord: false,
  tags: [],
}
const host = given.instance(1, { attributes: [{ name: 'ecs.capability.task-eni.ipv6' }] })
/** Without the five that are reserved. */
const addressesOfSubnet = 11

const networkInterface: TaskInterface = {
  attachmentId: 'attachment-1',
  subnetId: 'subnet-1',
  securityGroupIds: ['sg-1'],
  allowsIpv6: true,
  status: 'PRECREATED',
}
const newTask = (number: number): TaskRow =>
  given.task(number, { lastStatus: 'PROVISIONING', networkInterface })

const ready = async (rows: readonly TaskRow[] = []): Promise<JournaledStore> => {
  const store = await storeWith({ instances: [host], tasks: rows })
  store.update(tx => {
    tx.put(subnets, subnet)
    const group = { vpcId: 'vpc-1', name: 'default', description: '', tags: [] }
    tx.put(securityGroups, { id: ec2Arn('security-group/sg-1'), ...group })
  })
  return store
}

let drawn = 0
const randomHex = (bytes: number): string => (++drawn).toString(16).padStart(bytes * 2, '0')

/** True when the plan changed something. */
const reconcile = (store: JournaledStore, taskArn: string): boolean => {
  const plan = taskInterfaceReconciler.reconcile(store, taskArn, { now: start, randomHex })
  expect(applyPlan(store, plan)).toBe(true)
  return plan.steps.length > 0
}

const addressOf = (row: NetworkInterfaceRow | undefined): string | undefined => row?.privateIps[0]
const held = (store: JournaledStore): NetworkInterfaceRow[] => [...store.all(networkInterfaces)]

describe('the interface of a task', () => {
  it('is made once, on the host of its task, and is given back once', async () => {
    const task = newTask(1)
    const store = await ready([task])
    expect(reconcile(store, task.id)).toBe(true)
    expect(reconcile(store, task.id)).toBe(false)
    const row = store.get(tasks, task.id)!
    expect(held(store)).toMatchObject([
      {
        privateIps: ['10.0.0.4'],
        groupIds: ['sg-1'],
        holder: { kind: 'task', taskArn: task.id },
        containerInstanceArn: task.containerInstanceArn,
        macAddress: row.networkInterface?.created?.macAddress,
      },
    ])
    store.update(tx => tx.put(tasks, stopForGood(row, { stopCode: 'TaskFailedToStart', reason: '' }, start)))
    expect(reconcile(store, task.id)).toBe(true)
    expect(held(store)).toEqual([])
    expect(store.get(tasks, task.id)?.networkInterface?.status).toBe('DELETED')
    expect(reconcile(store, task.id)).toBe(false)
  })

  it('has an IPv6 address where its subnet and its host have IPv6, which is never given again', async () => {
    const rows = [1, 2, 3].map(newTask)
    const store = await ready(rows)
    const [first, second, third] = rows.map(({ id }) => id)
    reconcile(store, first!)
    expect(held(store)[0]?.ipv6Addresses).toEqual(['fd00:0:0:1::4'])
    expect(store.get(tasks, first!)?.networkInterface?.created?.ipv6Address).toBe('fd00:0:0:1::4')
    store.update(tx => tx.delete(tasks, first!))
    reconcile(store, first!)
    reconcile(store, second!)
    expect(held(store).map(row => row.ipv6Addresses)).toEqual([['fd00:0:0:1::5']])
    store.update(tx => tx.put(containerInstances, { ...host, attributes: [] }))
    reconcile(store, third!)
    expect(store.get(tasks, third!)?.networkInterface?.created).not.toHaveProperty('ipv6Address')
  })

  it('has no IPv6 address where its account has none, or its subnet', async () => {
    const without = { ...newTask(1), networkInterface: { ...networkInterface, allowsIpv6: undefined } }
    const store = await ready([without, newTask(2)])
    reconcile(store, without.id)
    store.update(tx => tx.put(subnets, { ...subnet, ipv6Block: undefined }))
    reconcile(store, newTask(2).id)
    expect(held(store).map(row => row.ipv6Addresses)).toEqual([undefined, undefined])
  })

  it('stays while the task of a lost host may still run, until its host has said that it is gone', async () => {
    const task = newTask(1)
    const store = await ready([task])
    reconcile(store, task.id)
    const lost: TaskRow = {
      ...stopForGood(store.get(tasks, task.id)!, { stopCode: 'TerminationNotice', reason: '' }, start),
      stopUnconfirmed: true,
    }
    store.update(tx => tx.put(tasks, lost))
    expect(reconcile(store, task.id)).toBe(false)
    const attached = { attachmentArn: 'attachment-1', status: 'ATTACHED' } as const
    const report = { taskArn: task.id, containers: [], status: 'STOPPED' } as const
    const returned = applyReport(lost, { ...report, attachments: [attached] }, start)!
    expect(returned.stopUnconfirmed).toBe(true)
    const gone = { ...attached, status: 'DETACHED' } as const
    store.update(tx =>
      tx.put(tasks, applyReport(returned, { taskArn: task.id, containers: [], attachments: [gone] }, start)!),
    )
    expect(reconcile(store, task.id)).toBe(true)
    expect(held(store)).toEqual([])
  })

  it('goes with a task that left for history without its host’s word', async () => {
    const task = newTask(1)
    const store = await ready([task])
    reconcile(store, task.id)
    store.update(tx => tx.delete(tasks, task.id))
    reconcile(store, task.id)
    expect(held(store)).toEqual([])
  })

  it.each([
    ['InvalidSubnetID.NotFound', { subnetId: 'subnet-2' }],
    ['InvalidGroup.NotFound', { securityGroupIds: ['sg-2'] }],
  ])('that cannot be had stops its task, with %s', async (code, change) => {
    const task = { ...newTask(1), networkInterface: { ...networkInterface, ...change } }
    const store = await ready([task])
    reconcile(store, task.id)
    expect(store.get(tasks, task.id)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringContaining(code),
    })
  })
})

type Step = { readonly kind: 'start' | 'reconcile' | 'stop' | 'end' | 'lose' | 'forget'; readonly n: number }

const now = start + 1
const stopped = { status: 'STOPPED', containers: [{ containerName: 'web', status: 'STOPPED' }] } as const

/** What may happen to a task between two steps of the reconciler. */
const changes: Record<
  Exclude<Step['kind'], 'start' | 'reconcile'>,
  (task: TaskRow) => TaskRow | undefined
> = {
  stop: task => requestStop(task, scalingActivity('ecs-svc/1'), now),
  end: task => applyReport(task, { taskArn: task.id, ...stopped }, now) ?? task,
  lose: task => ({
    ...stopForGood(task, { stopCode: 'TerminationNotice', reason: '' }, now),
    ...(task.lastStatus !== 'STOPPED' && { stopUnconfirmed: true as const }),
  }),
  forget: task => (task.lastStatus === 'STOPPED' ? undefined : task),
}

it('no address is held twice, and none by a task that is over, whatever happens in whatever order', async () => {
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom<Step['kind']>('start', 'start', 'reconcile', 'stop', 'end', 'lose', 'forget'),
      n: fc.integer({ min: 1, max: addressesOfSubnet + 4 }),
    }),
    { maxLength: 80 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async plan => {
      const store = await ready()
      for (const { kind, n } of plan) {
        const { id } = given.task(n)
        const task = store.get(tasks, id)
        if (kind === 'reconcile') reconcile(store, id)
        else if (kind === 'start') {
          if (!task && [...store.where(networkInterfaces, 'byHolder', id)].length === 0)
            store.update(tx => tx.put(tasks, newTask(n)))
        } else if (task) {
          const after = changes[kind](task)
          store.update(tx => (after ? tx.put(tasks, after) : tx.delete(tasks, id)))
        }
        checkHolders(store)
      }
      for (const id of new Set(taskInterfaceReconciler.keys(store))) reconcile(store, id)
      for (const id of [...store.all(tasks)].map(row => row.id)) reconcile(store, id)
      const owed = [...store.all(tasks)].filter(
        ({ lastStatus, stopUnconfirmed, networkInterface: own }) =>
          own?.created && (lastStatus !== 'STOPPED' || stopUnconfirmed),
      )
      expect(held(store)).toHaveLength(owed.length)
    }),
    { numRuns: 60 },
  )
})

/** Each address has one row, and each row the address that its task shows. */
const checkHolders = (store: JournaledStore): void => {
  const rows = held(store)
  expect(new Set(rows.map(addressOf)).size).toBe(rows.length)
  expect(new Set(rows.map(row => row.ipv6Addresses?.[0])).size).toBe(rows.length)
  for (const row of rows) {
    const task = row.holder?.kind === 'task' ? store.get(tasks, row.holder.taskArn) : undefined
    if (!task) continue
    expect(task.networkInterface?.created?.privateIpv4Address).toBe(addressOf(row))
    expect(task.networkInterface?.created?.ipv6Address).toBe(row.ipv6Addresses?.[0])
  }
}
