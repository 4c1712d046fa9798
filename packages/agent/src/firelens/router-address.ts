/** Where a container reaches the log router besides its socket: variables as the official agent sets them. */
import type { PayloadContainer, PayloadTask } from '@berth/model'
import type { Engine } from '../engine/engine.ts'
import { engineContainerName, networkModeOf } from '../tasks/container-spec/index.ts'
import { routerBefore } from './router.ts'
import { routerPort } from './router-configuration.ts'

/** Empty where the router has no address of its own. */
export const routerEnvironment = async (
  engine: Engine,
  payload: PayloadTask,
  container: PayloadContainer,
): Promise<Readonly<Record<string, string>>> => {
  const router = routerBefore(payload, container)
  const mode = networkModeOf(payload)
  if (router === undefined) return {}
  // Containers of the task share its loopback interface.
  if (mode === 'awsvpc') return { FLUENT_HOST: '127.0.0.1', FLUENT_PORT: routerPort }
  if (mode !== 'bridge') return {}
  const view = await engine.inspect(engineContainerName(payload, router))
  const address = view?.networks.find(({ ipv4 }) => ipv4)?.ipv4
  return address ? { FLUENT_HOST: address, FLUENT_PORT: routerPort } : {}
}
