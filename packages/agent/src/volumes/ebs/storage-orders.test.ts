import type { StorageOrder } from '@berth/model'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../clock.ts'
import { silentLog } from '../../log.ts'
import type { EbsDriver } from './driver.ts'
import { createStorageOrders } from './storage-orders.ts'

/** Orders that the test lets end, one way or the other. */
const given = () => {
  const begun: string[] = []
  const ends: ((problem?: string) => void)[] = []
  const work = (what: string) => () =>
    new Promise<void>((resolve, reject) => {
      begun.push(what)
      ends.push(problem => (problem === undefined ? resolve() : reject(new Error(problem))))
    })
  const ebs: EbsDriver = {
    attach: async () => '',
    detach: async () => {},
    list: async () => [],
    delete: work('delete volume'),
    createSnapshot: work('create snapshot'),
    deleteSnapshot: work('delete snapshot'),
  }
  const told: object[] = []
  const clock = createManualClock()
  const carryOut = createStorageOrders({ ebs, clock, log: silentLog }, (type, message) =>
    Boolean(told.push({ type, ...message })),
  )
  const settle = () => clock.advance(0)
  return {
    begun,
    told,
    clock,
    receive: async (...orders: StorageOrder[]) => {
      carryOut({ orders })
      await settle()
    },
    end: async (problem?: string) => {
      ends.shift()?.(problem)
      await settle()
    },
  }
}

const create: StorageOrder = { action: 'CreateSnapshot', id: 'snap-1', volumeId: 'vol-1' }
const remove: StorageOrder = { action: 'DeleteSnapshot', id: 'snap-1' }
const deleteVolume: StorageOrder = { action: 'DeleteVolume', id: 'vol-1' }
const type = 'BerthStorageResult'

describe('an order', () => {
  it('is carried out once while it is under way, and answered when it is done', async () => {
    const { receive, begun, end, told } = given()
    await receive(create)
    await receive(create)
    expect([begun, told]).toEqual([['create snapshot'], []])
    await end()
    expect(told).toEqual([{ type, action: 'CreateSnapshot', id: 'snap-1' }])
    await receive(create)
    expect(begun).toHaveLength(2)
  })

  it('to make a snapshot that fails is answered with what went wrong', async () => {
    const { receive, end, told } = given()
    await receive(create)
    await end('no room')
    expect(told).toEqual([{ type, action: 'CreateSnapshot', id: 'snap-1', problem: 'no room' }])
  })

  it('to delete is tried again until it can be done', async () => {
    const { receive, begun, end, told, clock } = given()
    await receive(deleteVolume)
    await end('busy')
    await clock.advance(30_000)
    expect([begun.length, told]).toEqual([2, []])
    await end()
    expect(told).toEqual([{ type, action: 'DeleteVolume', id: 'vol-1' }])
  })

  it('to delete what is being made waits for it', async () => {
    const { receive, begun, end } = given()
    await receive(create, remove)
    expect(begun).toEqual(['create snapshot'])
    await end()
    expect(begun).toEqual(['create snapshot', 'delete snapshot'])
  })
})
