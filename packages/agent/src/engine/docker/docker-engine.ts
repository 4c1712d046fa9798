/** The Docker Engine, from API 1.41 (20.10) to the newest, behind the engine interface. */
import type { Clock } from '../../clock.ts'
import {
  type ContainerSpec,
  type DockerStatistics,
  type Engine,
  EngineError,
  type EngineInfo,
  type ExecProcess,
  type ExecSpec,
  isEngineError,
  type PullOptions,
  type VolumeSpec,
  type VolumeView,
} from '../engine.ts'
import { createBody } from './create-body.ts'
import { watchEvents } from './event-stream.ts'
import { startExec } from './exec.ts'
import { createDockerHttp, type DockerHttp } from './http.ts'
import { asArray, asObject, asText } from './json.ts'
import { pullImage } from './pull.ts'
import { containerSummary, containerView, engineInfo, imageView } from './views.ts'

const oldestApi = [1, 41] as const
const newestApi = [1, 52] as const

/** As the official agent waits: create 4 minutes, start 3 minutes. */
const createTimeoutMs = 4 * 60_000
const startTimeoutMs = 3 * 60_000
/** What Docker may take beyond a container's own stop timeout before we call it stuck. */
const stopGraceMs = 60_000

/** The version to speak with an engine whose newest is `offered`, for instance `1.47`. Throws when it is too old. */
export const negotiateApiVersion = (offered: string): string => {
  const [major = 0, minor = 0] = offered.split('.').map(Number)
  if (major < oldestApi[0] || (major === oldestApi[0] && minor < oldestApi[1]))
    throw new EngineError(
      'refused',
      `this Docker Engine speaks API ${offered}; Berth needs ${oldestApi.join('.')} (Docker 20.10) or newer`,
    )
  return major === newestApi[0] && minor < newestApi[1] ? offered : newestApi.join('.')
}

/** Forgets a failed attempt, so that the next caller asks again. */
const once = <Value>(ask: () => Promise<Value>): (() => Promise<Value>) => {
  let answer: Promise<Value> | undefined
  return () => {
    answer ??= ask().catch(error => {
      answer = undefined
      throw error
    })
    return answer
  }
}

const seconds = (text: number): number => Math.max(0, Math.ceil(text))

class DockerEngine implements Engine {
  readonly #http: DockerHttp
  readonly #clock: Clock
  readonly #apiPath: () => Promise<string>
  readonly #info: () => Promise<EngineInfo>

  constructor(socketPath: string, clock: Clock) {
    this.#http = createDockerHttp(socketPath)
    this.#clock = clock
    this.#apiPath = once(async () => {
      const version = asObject(await this.#http.call('GET', '/version'))
      return `/v${negotiateApiVersion(asText(version['ApiVersion']))}`
    })
    this.#info = once(async () => {
      const path = await this.#apiPath()
      return engineInfo(await this.#http.call('GET', `${path}/info`), path.slice(2))
    })
  }

  info(): Promise<EngineInfo> {
    return this.#info()
  }

  async pull(image: string, options: PullOptions = {}) {
    return pullImage(this.#http, await this.#apiPath(), image, this.#clock, options)
  }

  async inspectImage(image: string) {
    const answer = await this.#ask('GET', `/images/${encodeURIComponent(image)}/json`, 'noSuchImage')
    return answer === undefined ? undefined : imageView(answer, image)
  }

  async importImage(name: string, archive: Buffer, changes: readonly string[]): Promise<void> {
    const [repo = '', tag = ''] = name.split(':')
    const query = new URLSearchParams({ fromSrc: '-', repo, tag })
    for (const change of changes) query.append('changes', change)
    const path = `${await this.#apiPath()}/images/create?${query}`
    const { error } = asObject(await this.#http.call('POST', path, { archive }))
    if (error !== undefined) throw new EngineError('failed', asText(error))
  }

  async removeImage(nameOrId: string): Promise<void> {
    await this.#ask('DELETE', `/images/${encodeURIComponent(nameOrId)}`, 'noSuchImage')
  }

  async defaultBridge() {
    const filters = encodeURIComponent(JSON.stringify({ name: ['bridge'], driver: ['bridge'] }))
    const answer = await this.#http.call('GET', `${await this.#apiPath()}/networks?filters=${filters}`)
    const network = asArray(answer)
      .map(asObject)
      .find(({ Name }) => Name === 'bridge')
    return network && asText(asObject(network['Options'])['com.docker.network.bridge.name'])
  }

  async usedImages() {
    const containers = await this.#http.call('GET', `${await this.#apiPath()}/containers/json?all=true`)
    return new Set(asArray(containers).map(container => asText(asObject(container)['ImageID'])))
  }

  async create(spec: ContainerSpec): Promise<string> {
    const path = `${await this.#apiPath()}/containers/create?name=${encodeURIComponent(spec.name)}`
    const body = createBody(spec, await this.#info())
    return asText(asObject(await this.#http.call('POST', path, { body, timeoutMs: createTimeoutMs }))['Id'])
  }

  async start(id: string): Promise<void> {
    await this.#act('POST', `/containers/${id}/start`, startTimeoutMs)
  }

  async stop(id: string, timeoutSeconds: number): Promise<void> {
    const timeout = seconds(timeoutSeconds)
    const path = `${await this.#apiPath()}/containers/${id}/stop?t=${timeout}`
    await this.#http.call('POST', path, { timeoutMs: timeout * 1000 + stopGraceMs, isLong: true })
  }

  async kill(id: string, signal = 'SIGKILL'): Promise<void> {
    await this.#act('POST', `/containers/${id}/kill?signal=${signal}`)
  }

  async remove(id: string): Promise<void> {
    await this.#ask('DELETE', `/containers/${id}?force=true&v=true`, 'noSuchContainer')
  }

  async createVolume({ name, driver, options, labels }: VolumeSpec): Promise<void> {
    const body = { Name: name, Driver: driver, DriverOpts: options, Labels: labels }
    await this.#http.call('POST', `${await this.#apiPath()}/volumes/create`, {
      body,
      timeoutMs: createTimeoutMs,
    })
  }

  async inspectVolume(name: string): Promise<VolumeView | undefined> {
    const answer = await this.#ask('GET', `/volumes/${encodeURIComponent(name)}`, 'noSuchVolume')
    return answer === undefined ? undefined : { driver: asText(asObject(answer)['Driver']) }
  }

  async removeVolume(name: string): Promise<void> {
    // The volume was never made, or somebody removed it already.
    await this.#ask('DELETE', `/volumes/${encodeURIComponent(name)}`, 'noSuchVolume')
  }

  async inspect(idOrName: string) {
    const answer = await this.#ask('GET', `/containers/${idOrName}/json`, 'noSuchContainer')
    return answer === undefined ? undefined : containerView(answer)
  }

  async list(label: string) {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }))
    const answer = await this.#http.call(
      'GET',
      `${await this.#apiPath()}/containers/json?all=true&filters=${filters}`,
    )
    return asArray(answer).map(containerSummary)
  }

  watch(...[label, listener]: Parameters<Engine['watch']>) {
    return watchEvents(this.#http, this.#apiPath, this.#clock, label, listener)
  }

  async statistics(id: string, isPaired: boolean): Promise<DockerStatistics> {
    const path = `${await this.#apiPath()}/containers/${id}/stats?stream=false&one-shot=${!isPaired}`
    return asObject(await this.#http.call('GET', path))
  }

  async exec(id: string, spec: ExecSpec): Promise<ExecProcess> {
    return startExec(this.#http, await this.#apiPath(), id, spec)
  }

  close(): void {
    this.#http.close()
  }

  async #act(method: 'POST' | 'DELETE', path: string, timeoutMs?: number): Promise<void> {
    await this.#http.call(
      method,
      (await this.#apiPath()) + path,
      timeoutMs === undefined ? {} : { timeoutMs },
    )
  }

  /** Undefined when what was asked for does not exist. */
  async #ask(
    method: 'GET' | 'DELETE',
    path: string,
    absent: 'noSuchImage' | 'noSuchContainer' | 'noSuchVolume',
  ): Promise<unknown> {
    try {
      return (await this.#http.call(method, (await this.#apiPath()) + path)) ?? null
    } catch (error) {
      if (isEngineError(error, absent)) return undefined
      throw error
    }
  }
}

export const createDockerEngine = (socketPath: string, clock: Clock): Engine =>
  new DockerEngine(socketPath, clock)
