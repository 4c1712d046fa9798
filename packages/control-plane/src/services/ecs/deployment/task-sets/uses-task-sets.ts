import type { ServiceRow } from '../../tables/index.ts'

/** Whether another controller than ECS deploys the service: it has task sets, and no deployments. */
export const usesTaskSets = ({ deploymentController }: Pick<ServiceRow, 'deploymentController'>): boolean =>
  deploymentController?.type === 'EXTERNAL' || deploymentController?.type === 'CODE_DEPLOY'
