import type { LogStore } from '../../log-store/log-store.ts'

/** What the operations need besides the rows. */
export interface LogsServiceParts {
  readonly logStore: LogStore
  /** False while the disk is too full to take logs: they are the first to be refused. */
  readonly accepts: () => boolean
}
