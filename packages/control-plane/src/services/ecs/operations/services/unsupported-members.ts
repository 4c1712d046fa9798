/** What this release does not do for services is refused by name: nothing is accepted and then ignored. */
import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { unsupportedFeature } from '../../errors.ts'

type Request = Partial<CreateServiceRequest & UpdateServiceRequest>

/** Lists that may be there as long as they are empty: what clients send for a service that has none. */
const emptyLists = {
  serviceRegistries: 'Service discovery registries',
  vpcLatticeConfigurations: 'VPC Lattice configurations',
  gatewayConnectors: 'Gateway connectors',
} as const

/** Throws UnsupportedFeatureException, which names the member. */
export const refuseUnsupported = (request: Request): void => {
  for (const [member, noun] of Object.entries(emptyLists))
    if (request[member as keyof typeof emptyLists]?.length) throw notYet(noun, member)
  if (request.serviceConnectConfiguration?.enabled)
    throw notYet('Service Connect', 'serviceConnectConfiguration')
  if (request.monitoring) throw notYet('The resolution of service metrics', 'monitoring')
}

const notYet = (noun: string, member: string): Error =>
  unsupportedFeature(`${noun} (${member}) of services: not supported by Berth yet.`)
