import { ecsClient, talking } from '../clients.ts'
import type { Configuration } from '../configuration.ts'
import { readHealth } from '../health.ts'
import { instancesOf } from './host-instances.ts'
import { engineSocket, type HostRecord, machineName } from './host-records.ts'
import { hostAddress } from './network.ts'
import { isOn } from './power.ts'

/** A host as `berth hosts list` shows it; the last four are the server's word, missing while it does not answer. */
export interface HostListing {
  readonly name: string
  readonly state: 'on' | 'partitioned' | 'off'
  readonly cluster: string
  readonly zone: string
  readonly attributes: Readonly<Record<string, string>>
  readonly address: string
  /** The network namespace of the switch. */
  readonly network: string
  /** For `docker -H`. */
  readonly engine: string
  readonly containerInstanceArn?: string | undefined
  readonly status?: string | undefined
  readonly agentConnected?: boolean | undefined
  readonly runningTasksCount?: number | undefined
}

const stateOf = (dataDir: string, host: HostRecord): HostListing['state'] => {
  if (!isOn(dataDir, host.name)) return 'off'
  return host.isPartitioned ? 'partitioned' : 'on'
}

export const listHosts = async (
  configuration: Configuration,
  hosts: readonly HostRecord[],
): Promise<HostListing[]> => {
  const { dataDir } = configuration
  const isUp = hosts.length > 0 && (await readHealth(configuration)) !== undefined
  const clusters = isUp ? [...new Set(hosts.map(({ cluster }) => cluster))] : []
  const client = ecsClient(configuration)
  const instances = new Map(
    await talking(configuration, () =>
      Promise.all(clusters.map(async cluster => [cluster, await instancesOf(client, cluster)] as const)),
    ),
  )
  return hosts.map(host => {
    const instance = instances.get(host.cluster)?.get(host.name)
    return {
      name: host.name,
      state: stateOf(dataDir, host),
      cluster: host.cluster,
      zone: host.zone,
      attributes: Object.fromEntries(host.attributes.map(({ name, value }) => [name, value])),
      address: hostAddress(host),
      network: machineName(dataDir),
      engine: `unix://${engineSocket(dataDir, host.name)}`,
      ...(instance && {
        containerInstanceArn: instance.containerInstanceArn,
        status: instance.status,
        agentConnected: instance.agentConnected,
        runningTasksCount: instance.runningTasksCount,
      }),
    }
  })
}
