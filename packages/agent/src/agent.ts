/** The agent, put together: engine, memory, tasks, logs and the session with the control plane. */
import { hasBuckets } from '@berth/aws-api'
import { berthProcessParameter, berthProtocolParameter, berthProtocolVersion } from '@berth/model'
import { createConnection } from './acs/connection.ts'
import { formatFrame, parseFrame } from './acs/frames.ts'
import { Session } from './acs/session.ts'
import { StateChangeOutbox } from './acs/state-change-outbox.ts'
import type { AgentParts } from './agent-parts.ts'
import type { AgentConfiguration } from './configuration.ts'
import { EngineError, type EngineInfo } from './engine/engine.ts'
import { createExecSessions } from './exec/exec-sessions.ts'
import { type Host, openHost, type Send } from './host.ts'
import { hostGpus } from './registration/gpus.ts'
import { Membership } from './registration/membership.ts'
import { createRegistration, type Registered, type Registration } from './registration/registration.ts'
import { attributesOf, totalResources } from './registration/resources.ts'
import type { StateStore } from './state/state-store.ts'
import type { Tasks } from './tasks/tasks.ts'
import { startTelemetry } from './telemetry/index.ts'
import { createStorageOrders } from './volumes/ebs/storage-orders.ts'

export const agentVersion = '0.1.0'

export interface Agent {
  /** Leaves the control plane politely; the containers run on. */
  stop(): Promise<void>
  readonly tasks: Tasks
}

const engineRetryMs = 1_000

const checked = (info: EngineInfo, { fargateRuntime }: AgentConfiguration): EngineInfo => {
  if (info.rootless)
    throw new EngineError(
      'refused',
      'the Docker Engine runs rootless; Berth needs one that runs as root, because tasks get host ports, limits and networks',
    )
  if (fargateRuntime !== '' && !info.runtimes.includes(fargateRuntime))
    throw new EngineError(
      'refused',
      `BERTH_FARGATE_RUNTIME is "${fargateRuntime}", but the Docker Engine has the runtimes ${info.runtimes.join(', ')}`,
    )
  return info
}

/** The agent may be started before its engine. */
const waitForEngine = async ({ engine, clock, log, configuration }: AgentParts): Promise<EngineInfo> => {
  for (;;) {
    try {
      return checked(await engine.info(), configuration)
    } catch (error) {
      if (!(error instanceof EngineError) || !error.retryable) throw error
      log.warn({ reason: error.message }, 'waiting for the container engine')
    }
    await new Promise<void>(resolve => clock.after(engineRetryMs, resolve))
  }
}

/** Another cluster, or another name for it, is another instance. */
const forgetOtherCluster = (store: StateStore, cluster: string): void => {
  const known = store.setting('cluster')
  if (known !== undefined && known !== cluster) store.setSetting('containerInstanceArn', '')
}

const registrationOf = (parts: AgentParts, info: EngineInfo, host: Host): Registration => {
  const { configuration, architecture } = parts
  return createRegistration({
    ...parts,
    ...configuration,
    request: {
      totalResources: totalResources(info, configuration.reserved),
      platformDevices: (configuration.gpuIds ?? hostGpus()).map(id => ({ id, type: 'GPU' })),
      attributes: attributesOf({
        ...configuration,
        info,
        architecture,
        agentVersion,
        hasTaskEndpoints: host.hasTaskEndpoints,
        canInjectFaults: host.canInjectFaults,
        carriesLoadBalancers: host.ingress !== undefined,
        vpcNetworks:
          host.underlayAddress === undefined
            ? undefined
            : {
                underlayAddress: host.underlayAddress,
                hasIpv6: host.hasIpv6,
                wireGuard: host.wireGuard,
                mostInterfaces: configuration.taskNetworkInterfaces,
              },
        hasEbs: parts.hasEbs,
        hasEfs: parts.hasNfs || configuration.efsMap !== '',
        readsBuckets: hasBuckets(configuration.buckets),
        custom: configuration.attributes,
      }),
      versionInfo: { agentVersion, agentHash: agentVersion, dockerVersion: `DockerVersion: ${info.version}` },
    },
  })
}

const sessionUrl = (endpoint: URL, registered: Registered, info: EngineInfo, process: string): URL => {
  const url = new URL(`${endpoint.href.replace(/\/$/, '')}/ws`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const parameters = {
    agentHash: agentVersion,
    agentVersion,
    [berthProtocolParameter]: berthProtocolVersion,
    [berthProcessParameter]: process,
    clusterArn: registered.cluster,
    containerInstanceArn: registered.containerInstanceArn,
    dockerVersion: `DockerVersion: ${info.version}`,
    protocolVersion: '2',
    sendCredentials: 'true',
    seqNum: '1',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  // SigV4 encodes a space as %20, never as the + of forms.
  url.search = url.search.replaceAll('+', '%20')
  return url
}

/** Throws EngineError or RegistrationRefused when this host can never join as it is configured. */
export const startAgent = async (parts: AgentParts): Promise<Agent> => {
  const { configuration, engine, store, logs, clock, log, newId } = parts
  const info = await waitForEngine(parts)
  const process = newId()
  forgetOtherCluster(store, configuration.cluster)

  const send: Send = (type, message) => connection.send(formatFrame(type, message))
  const outbox = new StateChangeOutbox({
    clock,
    newId,
    send: message => send('BerthStateChanges', message),
    stuck: () => connection.reconnect('state changes are not acknowledged'),
  })
  const host = await openHost(parts, info, outbox, send)
  const { tasks } = host
  const exec = createExecSessions({ ...parts, ...configuration, agentVersion, task: arn => tasks.get(arn) })
  const registration = registrationOf(parts, info, host)
  const membership = new Membership(registration, log)
  const signing = { ...parts, clock: registration.signingClock }
  const allTasks = () => tasks.all()
  const telemetry = await startTelemetry({ parts: signing, info, membership, agentVersion, tasks: allTasks })
  const session = new Session({
    clock,
    log,
    store,
    tasks,
    outbox,
    identity: () => ({
      cluster: configuration.cluster,
      containerInstanceArn: membership.containerInstanceArn,
    }),
    prePull: host.prePull,
    carryOut: createStorageOrders(parts, send),
    takeFacts: message => host.facts.take(message),
    send,
    openExec: message => exec.open(message),
    expectMessageWithin: silenceMs => connection.expectMessageWithin(silenceMs),
  })
  const connection = createConnection({
    ...signing,
    ...configuration,
    url: async () => {
      const { endpoint, registered } = await membership.session()
      return sessionUrl(endpoint, registered, info, process)
    },
    opened: () => {
      log.info({}, 'connected to the control plane')
      telemetry.open()
      host.ingress?.sessionOpened()
    },
    closed: code => {
      log.info({ code }, 'disconnected from the control plane')
      telemetry.close()
      host.ingress?.sessionClosed()
      membership.sessionClosed(code)
      session.closed()
    },
    received: text => {
      const frame = parseFrame(text)
      return frame !== undefined && session.receive(frame)
    },
    refused: code => membership.sessionRefused(code),
  })

  // Adoption and registration do not need each other; the session needs both.
  await Promise.all([tasks.start(), membership.join()])
  connection.start()
  return {
    tasks,
    stop: async () => {
      connection.stop()
      telemetry.stop()
      await host.stop()
      exec.stop()
      await logs.stop()
      await store.flushed()
      registration.close()
      engine.close()
      store.close()
    },
  }
}
