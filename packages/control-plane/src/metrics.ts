import { Gauge, Registry } from 'prom-client'
import type { AgentGateway } from './agents/gateway.ts'
import type { Traffic } from './agents/ingress/traffic.ts'
import { type DiskLevel, diskLevels } from './control-loop/disk-guard.ts'
import { countZoneOutages } from './services/ecs/zone-outage-log.ts'
import type { JournaledStore } from './store/journaled-store.ts'

export interface Measured {
  readonly store: JournaledStore
  readonly gateway: AgentGateway
  /** Absent where nothing is kept on disk. */
  readonly diskWatch: { readonly level: DiskLevel; readonly freeBytes: number } | undefined
}

export const createMetrics = (): Registry => new Registry()

const trafficLabels = ['load_balancer', 'target_group'] as const

/** Each is a sum since the start of the server, but for the longest response. */
const trafficGauges: readonly (readonly [string, string, (traffic: Traffic) => number])[] = [
  ['requests', 'Requests', ({ requests }) => requests],
  ['answers_2xx', 'Answers with a status of 200 to 299', ({ answers2xx }) => answers2xx],
  ['answers_3xx', 'Answers with a status of 300 to 399', ({ answers3xx }) => answers3xx],
  ['answers_4xx', 'Answers with a status of 400 to 499', ({ answers4xx }) => answers4xx],
  ['answers_5xx', 'Answers with a status of 500 to 599', ({ answers5xx }) => answers5xx],
  ['connection_errors', 'Connections to targets that failed', ({ connectionErrors }) => connectionErrors],
  ['response_seconds_sum', 'Seconds that targets took to answer', ({ responseTimeSum }) => responseTimeSum],
  ['response_seconds_max', 'Seconds of the slowest answer', ({ responseTimeMax }) => responseTimeMax],
  ['connections', 'Connections of clients', ({ newConnections }) => newConnections],
  ['bytes', 'Bytes to and from clients', ({ processedBytes }) => processedBytes],
]

const registerTraffic = (registry: Registry, gateway: AgentGateway): void => {
  for (const [suffix, help, read] of trafficGauges) {
    const name = `berth_target_group_${suffix}`
    registry.removeSingleMetric(name)
    new Gauge({
      name,
      help: `${help}, of each target group`,
      labelNames: trafficLabels,
      registers: [registry],
      collect() {
        this.reset()
        for (const traffic of gateway.traffic)
          this.set(
            { load_balancer: traffic.loadBalancerArn, target_group: traffic.targetGroupArn },
            read(traffic),
          )
      },
    })
  }
}

/** What `/metrics` tells, read when it is asked for. */
export const registerMetrics = (registry: Registry, { store, gateway, diskWatch }: Measured): void => {
  const gauge = (name: string, help: string, read: () => number): void => {
    registry.removeSingleMetric(name)
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  gauge('berth_store_sequence', 'The newest commit', () => store.sequence)
  gauge('berth_journal_pending_bytes', 'Bytes of rows that are not on disk yet', () => store.pendingBytes)
  gauge('berth_telemetry_sessions', 'Agents that send telemetry', () => gateway.figures.tcsSessions)
  gauge('berth_agent_sessions', 'Agents that are connected', () => gateway.figures.acsSessions)
  gauge(
    'berth_agent_state_changes',
    "State changes taken in from Berth's agents since the start",
    () => gateway.figures.stateChanges,
  )
  gauge(
    'berth_agent_messages_waiting',
    'Messages to agents that wait for the journal',
    () => gateway.figures.waiting,
  )
  gauge(
    'berth_agent_foreign_tasks',
    'Tasks of another incarnation that agents run',
    () => gateway.figures.foreignTasks,
  )
  gauge(
    'berth_zone_outages',
    'Zones of clusters whose hosts are gone together, so that their tasks are not replaced',
    () => countZoneOutages(store),
  )
  registerTraffic(registry, gateway)
  if (diskWatch === undefined) return
  gauge(
    'berth_disk_free_bytes',
    'Bytes free on the disk of the data directory, the reserve not among them',
    () => diskWatch.freeBytes,
  )
  gauge(
    'berth_disk_level',
    "What the disk's free space still allows: 0 everything, 1 no logs, 2 only reads, stops and deletes",
    () => diskLevels.indexOf(diskWatch.level),
  )
}
