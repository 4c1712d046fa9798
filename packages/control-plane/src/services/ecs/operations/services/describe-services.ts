import type { DescribeServicesRequest, DescribeServicesResponse, Service } from '@aws-sdk/client-ecs'
import { type Call, operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { findCluster, serviceArnOf } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { readEvents, serviceResponse } from '../../responses/service.ts'
import { services } from '../../tables/index.ts'

const mostServices = 10

/** INACTIVE services are described too, while they are remembered. */
export const describeServices = operation<DescribeServicesRequest, DescribeServicesResponse>({
  name: 'DescribeServices',
  effect: 'reads',
  resources: (request, { scope }) =>
    (request.services ?? []).map(reference =>
      resourceInCluster(scope, 'service', request.cluster, reference),
    ),
  handle: async (request, call) => {
    const references = request.services ?? []
    if (references.length === 0) throw invalidParameter('Services cannot be empty.')
    if (references.length > mostServices)
      throw invalidParameter(`services can have at most ${mostServices} elements.`)
    const cluster = findCluster(call.store, call.scope, request.cluster)
    const arns = [...new Set(references.map(reference => serviceArnOf(cluster, reference)))]
    const tags = request.include?.includes('TAGS') ?? false
    const described = await Promise.all(arns.map(arn => describe(call, arn, tags)))
    return {
      services: described.filter(service => service !== undefined),
      failures: arns
        .filter((_, index) => described[index] === undefined)
        .map(arn => ({ arn, reason: 'MISSING' })),
    }
  },
})

/** The row is read before its events are, and the answer made of it at once: no row is kept while they are read. */
const describe = async ({ store }: Call, arn: string, tags: boolean): Promise<Service | undefined> => {
  const row = store.get(services, arn)
  if (row === undefined) return undefined
  const response = serviceResponse(store, row, { tags })
  return { ...response, events: await readEvents(store.history, arn, row.createdAt) }
}
