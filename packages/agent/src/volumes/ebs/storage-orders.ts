/** What the control plane orders of volumes and snapshots that no task uses. */
import type { BerthStorageOrders, BerthStorageResult, StorageOrder } from '@berth/model'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { createKeyedGate } from '../../tasks/gate.ts'
import type { EbsDriver } from './driver.ts'

export interface StorageOrdersOptions {
  readonly ebs: EbsDriver
  readonly clock: Clock
  readonly log: Log
}

/** What could not be deleted is in use for a moment, or the disk is ill. */
const retryMs = 30_000

/**
 * Carries each order out once, however often it comes meanwhile. A result that finds no connection is lost: the order
 * comes again with the next session, and is answered at once.
 */
export const createStorageOrders = (
  { ebs, clock, log }: StorageOrdersOptions,
  send: (type: string, message: object) => boolean,
): ((message: BerthStorageOrders) => void) => {
  const underWay = new Set<string>()
  /** A snapshot that is to be deleted while it is made is made first. */
  const resources = createKeyedGate()
  const answer = (result: BerthStorageResult): void => void send('BerthStorageResult', result)
  const attempt = async (order: StorageOrder): Promise<void> => {
    const { action, id } = order
    try {
      await resources.run(id, () => carryOut(ebs, order))
      underWay.delete(keyOf(order))
      answer({ action, id })
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      log.warn({ action, id, problem }, 'cannot carry out an order of storage')
      if (action !== 'CreateSnapshot') {
        clock.after(retryMs, () => void attempt(order))
        return
      }
      underWay.delete(keyOf(order))
      answer({ action, id, problem })
    }
  }
  return ({ orders }) => {
    for (const order of orders) {
      if (underWay.has(keyOf(order))) continue
      underWay.add(keyOf(order))
      void attempt(order)
    }
  }
}

const keyOf = ({ action, id }: StorageOrder): string => `${action} ${id}`

const carryOut = (ebs: EbsDriver, order: StorageOrder): Promise<void> => {
  switch (order.action) {
    case 'CreateSnapshot':
      return ebs.createSnapshot(order.id, order.volumeId)
    case 'DeleteSnapshot':
      return ebs.deleteSnapshot(order.id)
    case 'DeleteVolume':
      return ebs.delete(order.id)
  }
}
