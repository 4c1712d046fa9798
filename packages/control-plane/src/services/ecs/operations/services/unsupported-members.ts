/** What this release does not do for services is refused by name: nothing is accepted and then ignored. */
import type {
  CreateServiceRequest,
  DeploymentConfiguration,
  DeploymentController,
  UpdateServiceRequest,
} from '@aws-sdk/client-ecs'
import { unsupportedFeature } from '../../errors.ts'

type Request = Partial<CreateServiceRequest & UpdateServiceRequest>

/** Lists that may be there as long as they are empty: what clients send for a service that has none. */
const emptyLists = {
  loadBalancers: 'Load balancers',
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
  refuseController(request.deploymentController)
  if (request.deploymentConfiguration) refuseConfiguration(request.deploymentConfiguration)
}

const refuseController = (controller: DeploymentController | undefined): void => {
  if (controller?.type === 'CODE_DEPLOY')
    throw notYet(`The ${controller.type} deployment controller`, 'deploymentController')
}

const refuseConfiguration = (configuration: DeploymentConfiguration): void => {
  const { strategy } = configuration
  if (strategy !== undefined && strategy !== 'ROLLING')
    throw notYet(`The ${strategy} deployment strategy`, 'strategy')
  if (configuration.lifecycleHooks?.length) throw notYet('Deployment lifecycle hooks', 'lifecycleHooks')
  if (configuration.linearConfiguration) throw notYet('Linear deployments', 'linearConfiguration')
  if (configuration.canaryConfiguration) throw notYet('Canary deployments', 'canaryConfiguration')
}

const notYet = (noun: string, member: string): Error =>
  unsupportedFeature(`${noun} (${member}) of services: not supported by Berth yet.`)
