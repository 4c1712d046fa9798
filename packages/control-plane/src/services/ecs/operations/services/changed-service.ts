import type { Service } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { readEvents, serviceResponse } from '../../responses/service.ts'
import type { ServiceRow } from '../../tables/index.ts'

/** Makes a change in one commit. The service is shown as that commit leaves it, with its events, which are read afterwards. */
export const changedService = async (
  { store }: Call,
  change: (tx: Transaction) => ServiceRow,
): Promise<{ service: Service }> => {
  const { row, response } = store.update(tx => {
    const row = change(tx)
    return { row, response: serviceResponse(tx, row, { tags: true }) }
  })
  const events = await readEvents(store.history, row.id, row.createdAt)
  return { service: { ...response, events } }
}
