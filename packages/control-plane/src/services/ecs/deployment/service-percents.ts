import type { ServiceRow } from '../tables/index.ts'
import { limitsOf } from './rolling-update.ts'

export const percentsOf = ({ deploymentConfiguration }: ServiceRow) => ({
  minimumHealthyPercent: deploymentConfiguration.minimumHealthyPercent ?? 100,
  maximumPercent: deploymentConfiguration.maximumPercent ?? 200,
})

/** How many healthy tasks a service keeps at least, and how many tasks it has at most, while some are replaced. */
export const limitsOfService = (service: ServiceRow) => limitsOf({ ...service, ...percentsOf(service) })
