/** What an agent is made from: its configuration, and everything of the outside world. */
import type { Clock } from './clock.ts'
import type { AgentConfiguration } from './configuration.ts'
import type { Engine, LoggingSpec } from './engine/engine.ts'
import type { Log } from './log.ts'
import type { RunCommand } from './metadata/index.ts'
import type { ReadSecret } from './secrets/index.ts'
import type { StateStore } from './state/state-store.ts'
import type { Logs } from './tasks/log-destinations.ts'
import type { EbsDriver } from './volumes/ebs/driver.ts'
import type { FileSystems } from './volumes/efs/file-systems.ts'

export interface AgentParts {
  readonly configuration: AgentConfiguration
  readonly engine: Engine
  readonly store: StateStore
  readonly logs: Logs
  readonly agentLogging: LoggingSpec
  readonly readSecret: ReadSecret
  readonly ebs: EbsDriver
  /** False: this host lacks what the driver needs. */
  readonly hasEbs: boolean
  /** The kernel mounts NFS 4. */
  readonly hasNfs: boolean
  readonly fileSystems: () => Promise<FileSystems>
  readonly run: RunCommand
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly newId: () => string
  /** As Node names it, for instance `x64`. */
  readonly architecture: string
}
