import type { ServerConfiguration } from '../configuration.ts'
import type { LogStore } from '../log-store/log-store.ts'
import type { Millis } from '../store/table.ts'
import { createEcsService } from './ecs/index.ts'
import { createLogsService } from './logs/index.ts'
import type { Service } from './service.ts'
import { stsService } from './sts/index.ts'

export interface ServicesOptions {
  readonly configuration: ServerConfiguration
  /** When this server began to lead. */
  readonly startedAt: () => Millis
  readonly logStore: LogStore
  /** False while the disk is too full for logs. */
  readonly acceptsLogs: () => boolean
}

/** Every AWS service that Berth serves. */
export const createServices = ({
  configuration,
  startedAt,
  logStore,
  acceptsLogs,
}: ServicesOptions): readonly Service[] => [
  createEcsService({
    startedAt,
    lostAfterMs: configuration.lostAfterMs,
    graceMs: configuration.startGraceMs,
    taskSettleMs: configuration.taskSettleMs,
  }),
  createLogsService({ logStore, accepts: acceptsLogs }),
  stsService,
]
