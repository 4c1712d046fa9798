import { hasEnded, type ServiceDeploymentRow, type ServiceRow } from '../../tables/index.ts'

type Configuration = ServiceDeploymentRow['deploymentConfiguration']

const isRolling = ({ strategy = 'ROLLING' }: Configuration): boolean => strategy === 'ROLLING'

/** What holds for a deployment: a rolling update follows its service's configuration, others go on as they began. */
export const configurationOf = (row: ServiceDeploymentRow, service: ServiceRow | undefined): Configuration =>
  !hasEnded(row) &&
  service !== undefined &&
  isRolling(row.deploymentConfiguration) &&
  isRolling(service.deploymentConfiguration)
    ? service.deploymentConfiguration
    : row.deploymentConfiguration
