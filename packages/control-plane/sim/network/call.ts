import type { Identity } from '@berth/aws-api'
import type { Outcome, SimServer } from '../servers/sim-server.ts'
import type { World } from '../world.ts'
import type { Network } from './network.ts'

/** `unreachable`: the call has surely not been done. */
export type CallOutcome = Outcome | { readonly kind: 'unreachable' }

/** A signed call over the network. Resolves `unknown` only once the server is through with it, or dead. */
export const callOver = async (
  world: World,
  network: Network,
  from: string,
  server: SimServer,
  call: {
    readonly name: string
    readonly input: object
    readonly identity: Identity
    readonly races?: boolean
  },
): Promise<CallOutcome> => {
  await world.sleep(network.delay())
  if (network.isCut(from, server.name)) {
    await world.sleep(1_000)
    return { kind: 'unreachable' }
  }
  await world.sleep(server.process.pausedFor)
  if (server.leading === undefined) return { kind: 'unreachable' }
  const { process } = server
  const handled = new Promise<Outcome>(resolve => {
    const handle = (): void => void server.handle(call.name, call.input, call.identity).then(resolve)
    if (call.races === true) server.race(handle)
    else handle()
  })
  const outcome = await Promise.race([handled, process.ended.then((): Outcome => ({ kind: 'unknown' }))])
  await world.sleep(network.delay())
  return network.isCut(from, server.name) ? { kind: 'unknown' } : outcome
}
