/** Joins the cluster: registers this host as a container instance, and learns where to hold its session. */
import {
  DiscoverPollEndpointCommand,
  ECSClient,
  type ECSClientConfig,
  RegisterContainerInstanceCommand,
  type RegisterContainerInstanceCommandInput,
} from '@aws-sdk/client-ecs'
import type { AwsCredentials } from '../acs/signing.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { requestLimits } from '../request-limits.ts'
import type { StateStore } from '../state/state-store.ts'

export interface Registered {
  readonly cluster: string
  readonly containerInstanceArn: string
}

export interface RegistrationOptions {
  readonly endpoint: string
  readonly region: string
  readonly credentials: AwsCredentials
  readonly cluster: string
  readonly clock: Clock
  readonly store: StateStore
  readonly log: Log
  readonly newId: () => string
  /** For tests: how requests are carried. */
  readonly requestHandler?: NonNullable<ECSClientConfig['requestHandler']>
  readonly request: Pick<
    RegisterContainerInstanceCommandInput,
    'attributes' | 'platformDevices' | 'totalResources' | 'versionInfo'
  >
}

export interface Registration {
  /** This host's, corrected by what the control plane's answers say of the time: what is signed by a wrong clock is refused. */
  readonly signingClock: Clock
  /** Tries until the control plane has the host; throws RegistrationRefused when it never will. */
  register(): Promise<Registered>
  /** The base address of ACS. Throws InstanceUnknown. */
  pollEndpoint(): Promise<URL>
  /** The base address of TCS. Throws InstanceUnknown. */
  telemetryEndpoint(): Promise<URL>
  /** The control plane does not know the instance: the next `register` joins anew. */
  forget(): void
  close(): void
}

/** Nothing that the agent can do will change the answer: the configuration has to. */
export class RegistrationRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RegistrationRefused'
  }
}

/** The control plane has lost the data that the instance was in, or is another one now. */
export class InstanceUnknown extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InstanceUnknown'
  }
}

const firstRetryMs = 250
const lastRetryMs = 10_000
/** The key is wrong, or the clock: this says nothing of the instance, which is the same once that is mended. */
const keyErrors = new Set([
  'IncompleteSignature',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'UnrecognizedClientException',
])
const finalErrors = new Set([
  ...keyErrors,
  'AccessDeniedException',
  'ClientException',
  'InvalidParameterException',
  'SerializationException',
])

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

/** The client has learned the time from the refusal: the same request will be signed for it. */
const isClockCorrected = (error: unknown): boolean =>
  (error as { $metadata?: { clockSkewCorrected?: boolean } }).$metadata?.clockSkewCorrected === true

export const createRegistration = (options: RegistrationOptions): Registration => {
  const { endpoint, region, credentials, store, clock, log } = options
  // One attempt a call: the loop below has its own rhythm.
  const client = new ECSClient({
    endpoint,
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: options.requestHandler ?? requestLimits,
  })
  // A token is for one registration: a retry after a lost answer must not register the host twice.
  let clientToken = options.newId()

  const attempt = async (): Promise<Registered> => {
    const savedArn = store.setting('containerInstanceArn')
    const answer = await client.send(
      new RegisterContainerInstanceCommand({
        ...options.request,
        cluster: options.cluster,
        ...(savedArn ? { containerInstanceArn: savedArn } : {}),
        ...{ clientToken },
      }),
    )
    const containerInstanceArn = answer.containerInstance?.containerInstanceArn
    if (!containerInstanceArn)
      throw new RegistrationRefused('the control plane registered no container instance')
    store.setSetting('containerInstanceArn', containerInstanceArn)
    store.setSetting('cluster', options.cluster)
    return { cluster: options.cluster, containerInstanceArn }
  }

  const forget = (): void => {
    store.setSetting('containerInstanceArn', '')
    clientToken = options.newId()
  }

  /** A saved ARN that the control plane refuses was given by data that it no longer has. */
  const onError = (error: unknown): void => {
    const details = { error: String(error), endpoint, cluster: options.cluster }
    if (error instanceof RegistrationRefused) throw error
    if (isClockCorrected(error)) {
      log.warn(details, "this host's clock is wrong: signing by the control plane's")
      return
    }
    // Somebody may still make the cluster.
    const waitsForCluster = /cluster (was )?(not found|inactive)/i.test(details.error)
    if (finalErrors.has(nameOf(error)) && !waitsForCluster) {
      if (!store.setting('containerInstanceArn') || keyErrors.has(nameOf(error)))
        throw new RegistrationRefused(`cannot register: ${String(error)}`)
      forget()
      log.warn(details, 'the saved container instance is refused; registering as a new one')
      return
    }
    log.warn(details, 'cannot register yet; trying again')
  }

  const discover = async (name: 'endpoint' | 'telemetryEndpoint'): Promise<URL> => {
    const containerInstance = store.setting('containerInstanceArn')
    const request = new DiscoverPollEndpointCommand({ cluster: options.cluster, containerInstance })
    const answer = await client.send(request).catch(error => {
      const isUnknown = nameOf(error) === 'ClientException' && /instance .* not found/.test(String(error))
      throw isUnknown ? new InstanceUnknown(String(error)) : error
    })
    const address = answer[name]
    if (!address) throw new Error(`the control plane names no ${name} for agents`)
    return new URL(address)
  }

  return {
    signingClock: { ...clock, now: () => clock.now() + client.config.systemClockOffset },
    register: async () => {
      for (let delayMs = firstRetryMs; ; delayMs = Math.min(lastRetryMs, delayMs * 2)) {
        try {
          return await attempt()
        } catch (error) {
          onError(error)
        }
        await new Promise<void>(resolve => clock.after(delayMs, resolve))
      }
    },
    pollEndpoint: () => discover('endpoint'),
    telemetryEndpoint: () => discover('telemetryEndpoint'),
    forget,
    close: () => client.destroy(),
  }
}
