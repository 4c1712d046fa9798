/** The telemetry session: what the tasks of this host use, and how healthy they are, each 20 seconds. */
import { readFile } from 'node:fs/promises'
import { berthProtocolParameter, berthProtocolVersion } from '@berth/model'
import { type Connection, createConnection } from '../acs/connection.ts'
import { parseFrame } from '../acs/frames.ts'
import { signFrame } from '../acs/signing.ts'
import type { AgentParts } from '../agent-parts.ts'
import { parseMounts } from '../cgroups/cgroup-files.ts'
import type { Cancel } from '../clock.ts'
import type { EngineInfo } from '../engine/engine.ts'
import type { Membership } from '../registration/membership.ts'
import type { TaskState } from '../tasks/task-state.ts'
import { healthMessages, metricsMessages, type TelemetryMessage } from './messages.ts'
import { UsageSamples } from './usage-samples.ts'

export interface Telemetry {
  stop(): void
}

export interface TelemetryOptions {
  readonly parts: AgentParts
  readonly info: EngineInfo
  readonly membership: Membership
  readonly agentVersion: string
  tasks(): readonly TaskState[]
}

const roundMs = 20_000
/** What the control plane says in this session, all of which are signs of life. */
const known = new Set([
  'HeartbeatMessage',
  'AckPublishMetric',
  'AckPublishHealth',
  'AckPublishInstanceStatus',
])

export const startTelemetry = async (options: TelemetryOptions): Promise<Telemetry> => {
  const { parts, info, membership, agentVersion } = options
  const { clock, engine, log, newId, configuration } = parts
  const version = info.cgroupVersion === '2' ? '2' : '1'
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'), version)
  const samples = new UsageSamples({ engine, cpuCount: info.cpuCount, mounts, now: () => clock.now() })
  let url: URL | undefined
  const connection = createConnection({
    ...parts,
    ...configuration,
    url: async () => {
      const { endpoint, containerInstanceArn } = await membership.telemetry()
      url = telemetryUrl(endpoint, containerInstanceArn, { agentVersion, info, configuration })
      return url
    },
    opened: () => {
      log.info({}, 'telemetry is open')
      round()
    },
    closed: code => log.info({ code }, 'telemetry is closed'),
    received: text => known.has(parseFrame(text)?.type ?? ''),
    refused: () => {},
  })
  const publish = async (): Promise<void> => {
    const tasks = options.tasks()
    const metrics = await samples.round(tasks)
    const { cluster } = configuration
    const context = {
      cluster,
      containerInstance: membership.containerInstanceArn,
      now: clock.now(),
      newId,
    }
    const isIdle = !tasks.some(({ containers }) => containers.some(({ step }) => step === 'RUNNING'))
    const messages = [...metricsMessages(context, metrics, isIdle), ...healthMessages(context, tasks)]
    if (url) await sendAll(parts, connection, url, messages)
  }
  const round = (): void => {
    publish().catch((error: unknown) => log.warn({ error: String(error) }, 'cannot publish telemetry'))
  }
  connection.start()
  const stopRounds = repeat(parts, round)
  return {
    stop: () => {
      stopRounds()
      connection.stop()
    },
  }
}

const repeat = ({ clock }: AgentParts, round: () => void): Cancel => {
  let cancel: Cancel = () => {}
  const next = (): void => {
    cancel = clock.after(roundMs, () => {
      next()
      round()
    })
  }
  next()
  return () => cancel()
}

/** Each frame is signed for itself; what cannot be sent now is old in the next round. */
const sendAll = async (
  { configuration, clock }: AgentParts,
  connection: Connection,
  url: URL,
  messages: readonly TelemetryMessage[],
): Promise<void> => {
  const { region, credentials } = configuration
  for (const message of messages)
    connection.send(await signFrame(url, region, credentials, clock.now(), JSON.stringify(message)))
}

const telemetryUrl = (
  endpoint: URL,
  containerInstanceArn: string,
  {
    agentVersion,
    info,
    configuration,
  }: Pick<TelemetryOptions, 'agentVersion' | 'info'> & Pick<AgentParts, 'configuration'>,
): URL => {
  const url = new URL(`${endpoint.href.replace(/\/$/, '')}/ws`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const parameters = {
    agentHash: agentVersion,
    agentVersion,
    [berthProtocolParameter]: berthProtocolVersion,
    cluster: configuration.cluster,
    containerInstance: containerInstanceArn,
    dockerVersion: info.version,
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  url.search = url.search.replaceAll('+', '%20')
  return url
}
