import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { STS } from '@aws-sdk/client-sts'
import type { LogStore } from '../../../packages/control-plane/src/log-store/log-store.ts'
import { MemoryLogStore } from '../../../packages/control-plane/src/log-store/memory-log-store.ts'
import { createLogsService } from '../../../packages/control-plane/src/services/logs/index.ts'
import { stsService } from '../../../packages/control-plane/src/services/sts/index.ts'
import { ServiceEndpoint } from '../service-endpoint.ts'

export { credentials, region } from '../service-endpoint.ts'

/** CloudWatch Logs and STS in this process. */
export class LogsEndpoint extends ServiceEndpoint {
  readonly logStore: LogStore
  readonly logs: CloudWatchLogs
  readonly sts: STS
  readonly #room: { accepts: boolean }

  private constructor(logStore: LogStore) {
    const room = { accepts: true }
    super([createLogsService({ logStore, accepts: () => room.accepts }), stsService])
    this.#room = room
    this.logStore = logStore
    this.logs = new CloudWatchLogs(this.clientOptions())
    this.sts = new STS(this.clientOptions())
  }

  static async start(logStore: LogStore = new MemoryLogStore()): Promise<LogsEndpoint> {
    const endpoint = new LogsEndpoint(logStore)
    await endpoint.store.load()
    return endpoint
  }

  /** Whether there is room on the disk for logs. */
  set accepts(accepts: boolean) {
    this.#room.accepts = accepts
  }
}
