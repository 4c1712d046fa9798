import { type Configuration, endpointOf } from './configuration.ts'

export interface Health {
  readonly status: 'ok'
  readonly version: string
  readonly incarnation: string
}

/** What the server says of itself; undefined when nothing (or something else) answers there. */
export const readHealth = async (
  configuration: Configuration,
  timeoutMs = 2_000,
): Promise<Health | undefined> => {
  try {
    const response = await fetch(`${endpointOf(configuration)}/_berth/health`, {
      signal: AbortSignal.timeout(timeoutMs),
    })
    return response.ok ? ((await response.json()) as Health) : undefined
  } catch {
    return undefined
  }
}
