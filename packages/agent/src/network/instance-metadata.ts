/**
 * Keeps containers on the engine's bridge from the metadata of the machine that the host is, and with it from its role. (AWS
 * re:Post: "How can I prevent containers from accessing Amazon EC2 instance metadata in Amazon ECS?")
 */
import type { Cancel, Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import { HostTable } from './host-table.ts'
import { instanceMetadataTable, tagOf } from './names.ts'
import type { Ruleset } from './ruleset.ts'

/** (AWS: "Configure the Instance Metadata Service options") */
export const instanceMetadata = { ipv4: '169.254.169.254', ipv6: 'fd00:ec2::254' }

/** Before an address is exchanged, for other machines or for this one. */
const hook = 'type filter hook prerouting priority -150; policy accept;'

/** Pure. `bridge`: the name of the link. */
export const instanceMetadataRules = (bridge: string): Ruleset => ({
  chains: new Map([
    [
      'from-bridge',
      [
        hook,
        `iifname "${bridge}" ip daddr ${instanceMetadata.ipv4} drop`,
        `iifname "${bridge}" ip6 daddr ${instanceMetadata.ipv6} drop`,
      ],
    ],
  ]),
  sets: new Map(),
  maps: new Map(),
})

export interface InstanceMetadataOptions {
  readonly run: RunCommand
  readonly clock: Clock
  readonly log: Log
  readonly engine: Pick<Engine, 'defaultBridge'>
  readonly configuration: { readonly dataDirectory: string; readonly blocksInstanceMetadata: boolean }
}

export interface InstanceMetadataBlock {
  /** The rules stay, as the containers do. */
  stop(): Promise<void>
}

const verifyMs = 10_000

/** Resolves when the rules are there, or the log says why they are not: then it is tried again each ten seconds. */
export const blockInstanceMetadata = async (
  options: InstanceMetadataOptions,
): Promise<InstanceMetadataBlock> => {
  const { run, clock, log, engine, configuration } = options
  const table = new HostTable(run, `inet ${instanceMetadataTable(tagOf(configuration.dataDirectory))}`)
  let problem = ''
  let cancel: Cancel = () => {}
  let isStopped = false
  let last = Promise.resolve()

  const reconcile = async (): Promise<void> => {
    try {
      const bridge = configuration.blocksInstanceMetadata ? await engine.defaultBridge() : undefined
      if (bridge === undefined) await table.remove()
      else await table.reconcile(instanceMetadataRules(bridge), true)
      problem = ''
    } catch (error) {
      if (problem !== String(error) && configuration.blocksInstanceMetadata)
        log.warn({ error: String(error) }, 'containers on a bridge may reach the metadata of this machine')
      problem = String(error)
    }
  }
  const regularly = (): void => {
    cancel = clock.after(verifyMs, () => {
      last = reconcile().then(() => {
        if (!isStopped) regularly()
      })
    })
  }
  await reconcile()
  regularly()
  return {
    stop: async () => {
      isStopped = true
      cancel()
      await last
    },
  }
}
