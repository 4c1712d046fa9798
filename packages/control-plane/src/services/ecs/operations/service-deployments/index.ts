import type { Service } from '../../../service.ts'
import { continueServiceDeployment } from './continue-service-deployment.ts'
import { describeServiceDeployments } from './describe-service-deployments.ts'
import { describeServiceRevisions } from './describe-service-revisions.ts'
import { listServiceDeployments } from './list-service-deployments.ts'
import { stopServiceDeployment } from './stop-service-deployment.ts'

export const serviceDeploymentOperations: Service['operations'] = [
  continueServiceDeployment,
  describeServiceDeployments,
  describeServiceRevisions,
  listServiceDeployments,
  stopServiceDeployment,
]
