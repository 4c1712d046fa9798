import type {
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  ServiceDeployment,
} from '@aws-sdk/client-ecs'
import { type Call, operation } from '../../../service.ts'
import { serviceNotFound } from '../../errors.ts'
import { serviceArnOfPart } from '../../references.ts'
import { serviceDeploymentResponse } from '../../responses/service-deployment.ts'
import { endedServiceDeployments, serviceDeployments, services } from '../../tables/index.ts'
import { describedArns } from './described-arns.ts'
import { pastRecordsById } from './past-records.ts'

/** As long as history is kept, also those of services that have been deleted. */
export const describeServiceDeployments = operation<
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse
>({
  name: 'DescribeServiceDeployments',
  effect: 'reads',
  resources: ({ serviceDeploymentArns = [] }) => serviceDeploymentArns,
  handle: async (request, call) => {
    const arns = describedArns('serviceDeploymentArns', request.serviceDeploymentArns)
    const found = await describe(call, arns)
    return {
      serviceDeployments: arns.flatMap(arn => found.get(arn) ?? []),
      failures: arns.filter(arn => !found.has(arn)).map(arn => ({ arn, reason: 'MISSING' })),
    }
  },
})

/**
 * Live rows are answered before history is read: what is not live then is history already, or has never been. Throws
 * ServiceNotFoundException for a service of which nothing is known.
 */
const describe = async (
  { store, scope }: Call,
  arns: readonly string[],
): Promise<ReadonlyMap<string, ServiceDeployment>> => {
  const byService = Map.groupBy(arns, arn => serviceArnOfPart(store, scope, 'service-deployment', arn))
  const found = new Map<string, ServiceDeployment>()
  for (const arn of arns) {
    const row = store.get(serviceDeployments, arn)
    if (row) found.set(arn, serviceDeploymentResponse(store, row))
  }
  for (const [serviceArn, ofService] of byService) {
    const past = new Set(ofService.filter(arn => !found.has(arn)))
    if (past.size === 0) continue
    const isKnown = store.get(services, serviceArn) !== undefined
    const records = await pastRecordsById(store.history, endedServiceDeployments, serviceArn, past)
    if (records.size === 0 && !isKnown) throw serviceNotFound()
    for (const [arn, record] of records) found.set(arn, serviceDeploymentResponse(store, record))
  }
  return found
}
