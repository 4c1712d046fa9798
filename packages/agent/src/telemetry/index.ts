/** The telemetry session: what the tasks of this host use, and how healthy they are, each 20 seconds. */
import { readFile } from 'node:fs/promises'
import { berthProtocolParameter, berthProtocolVersion } from '@berth/model'
import { createConnection } from '../acs/connection.ts'
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

/** It lasts as long as the command session: an agent that another one has taken the place of must be silent here, too. */
export interface Telemetry {
  open(): void
  close(): void
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
  const { parts, info, membership, tasks } = options
  const { clock, engine, log, newId, configuration } = parts
  const version = info.cgroupVersion === '2' ? '2' : '1'
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'), version)
  const samples = new UsageSamples({ engine, cpuCount: info.cpuCount, mounts, now: () => clock.now() })
  let session: TelemetrySession | undefined
  const publish = async (): Promise<void> => {
    const all = tasks()
    const metrics = await samples.round(all)
    const containerInstance = membership.containerInstanceArn
    const context = { cluster: configuration.cluster, containerInstance, now: clock.now(), newId }
    const isIdle = !all.some(({ containers }) => containers.some(({ step }) => step === 'RUNNING'))
    await session?.send([...metricsMessages(context, metrics, isIdle), ...healthMessages(context, all)])
  }
  const round = (): void => {
    publish().catch((error: unknown) => log.warn({ error: String(error) }, 'cannot publish telemetry'))
  }
  const stopRounds = repeat(parts, round)
  const close = (): void => {
    session?.close()
    session = undefined
  }
  return {
    open: () => {
      close()
      session = openSession(options, round)
    },
    close,
    stop: () => {
      stopRounds()
      close()
    },
  }
}

interface TelemetrySession {
  /** What cannot be sent now is old in the next round. */
  send(messages: readonly TelemetryMessage[]): Promise<void>
  close(): void
}

/** Each frame is signed for itself, over the address of the session. */
const openSession = (options: TelemetryOptions, opened: () => void): TelemetrySession => {
  const { parts, membership } = options
  const { clock, log, configuration } = parts
  const { region, credentials } = configuration
  let url: URL | undefined
  const connection = createConnection({
    ...parts,
    ...configuration,
    url: async () => {
      const { endpoint, containerInstanceArn } = await membership.telemetry()
      url = telemetryUrl(endpoint, containerInstanceArn, options)
      return url
    },
    opened: () => {
      log.info({}, 'telemetry is open')
      opened()
    },
    closed: code => log.info({ code }, 'telemetry is closed'),
    received: text => known.has(parseFrame(text)?.type ?? ''),
    refused: () => {},
  })
  connection.start()
  return {
    send: async messages => {
      if (url === undefined) return
      for (const message of messages)
        connection.send(await signFrame(url, region, credentials, clock.now(), JSON.stringify(message)))
    },
    close: () => connection.stop(),
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

const telemetryUrl = (
  endpoint: URL,
  containerInstanceArn: string,
  { agentVersion, info, parts }: TelemetryOptions,
): URL => {
  const url = new URL(`${endpoint.href.replace(/\/$/, '')}/ws`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const parameters = {
    agentHash: agentVersion,
    agentVersion,
    [berthProtocolParameter]: berthProtocolVersion,
    cluster: parts.configuration.cluster,
    containerInstance: containerInstanceArn,
    dockerVersion: info.version,
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  url.search = url.search.replaceAll('+', '%20')
  return url
}
