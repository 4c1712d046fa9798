/** Tells the operator of zones whose hosts are gone together: until they return, nothing of theirs is replaced. */
import type { Stop, Store } from '../../store/view.ts'
import { type ZoneOutageRow, zoneOutages } from './tables/index.ts'

/** The part of the server's log that is written to. */
export interface OutageLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Warns of the outages that there are, and of each that begins; says when one ends. */
export const logZoneOutages = (store: Store, log: OutageLog): Stop => {
  for (const outage of store.all(zoneOutages)) warnOf(outage, log)
  return store.watch(({ changes }) => {
    for (const { table, id, before, after } of changes) {
      if (table.name !== zoneOutages.name) continue
      if (after && !before) warnOf(after as ZoneOutageRow, log)
      if (!after) log.info(zoneOf(id), 'The zone is back: tasks are replaced again')
    }
  })
}

export const countZoneOutages = (store: Store): number => [...store.all(zoneOutages)].length

const warnOf = ({ id, containerInstanceArns }: ZoneOutageRow, log: OutageLog): void =>
  log.warn(
    { ...zoneOf(id), containerInstances: containerInstanceArns.length },
    'So many hosts of a zone are gone together that the network is to blame: their tasks are not replaced until they return',
  )

const zoneOf = (id: string): object => {
  const mark = id.indexOf('|')
  return { clusterArn: id.slice(0, mark), availabilityZone: id.slice(mark + 1) }
}
