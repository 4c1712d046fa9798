/** Bugs of the journal and of waiting for it. */
import type { PlantedBug } from '../seams.ts'
import { wrap } from '../wrap.ts'

const atOnce = async (): Promise<void> => {}

export const answersBeforeDurable: PlantedBug = {
  name: 'answers-before-durable',
  says: 'Calls are answered before what they wrote, or saw, is on disk.',
  seams: () => ({ storeOfCalls: store => wrap(store, { durable: atOnce }) }),
}

export const agentsToldBeforeDurable: PlantedBug = {
  name: 'agents-told-before-durable',
  says: 'Agents get payloads and acknowledgements before the rows behind them are on disk.',
  seams: () => ({ storeOfGateway: store => wrap(store, { durable: atOnce }) }),
}

export const lostWrite: PlantedBug = {
  name: 'lost-write',
  says: 'Now and then the journal leaves out a row of a group that it reports as written.',
  seams: () => ({
    journal: (journal, { random }) =>
      wrap(journal, {
        append: group => {
          const rows = random.chance(0.05) ? group.rows.slice(1) : group.rows
          return journal.append({ ...group, rows })
        },
      }),
  }),
}

export const staleEpoch: PlantedBug = {
  name: 'stale-epoch',
  says: 'The journal takes a leader that has been deposed for the one that leads, and takes its writes.',
  seams: () => {
    let newest = 0
    return {
      journal: journal =>
        wrap(journal, {
          acquire: async schema => {
            const acquired = await journal.acquire(schema)
            newest = Math.max(newest, acquired.epoch)
            return acquired
          },
          append: group => journal.append({ ...group, epoch: newest }),
          confirmLead: () => {},
        }),
    }
  },
}
