import type {
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  ServiceRevision,
} from '@aws-sdk/client-ecs'
import { lastSegment } from '@berth/model'
import { type Call, operation } from '../../../service.ts'
import { revisionRecordOf } from '../../deployment/service-deployments/revision-record.ts'
import { serviceNotFound } from '../../errors.ts'
import { serviceArnOfPart } from '../../references.ts'
import { serviceRevisionResponse } from '../../responses/service-revision.ts'
import { deployments, pastServiceRevisions, services } from '../../tables/index.ts'
import { describedArns } from './described-arns.ts'
import { pastRecordsById } from './past-records.ts'

/** "Amazon ECS deletes the service revision when you delete a service." (AWS: "Amazon ECS service revisions") */
export const describeServiceRevisions = operation<
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse
>({
  name: 'DescribeServiceRevisions',
  effect: 'reads',
  resources: ({ serviceRevisionArns = [] }) => serviceRevisionArns,
  handle: async (request, call) => {
    const arns = describedArns('serviceRevisionArns', request.serviceRevisionArns)
    const byService = Map.groupBy(arns, arn =>
      serviceArnOfPart(call.store, call.scope, 'service-revision', arn),
    )
    const found = new Map<string, ServiceRevision>()
    for (const [serviceArn, ofService] of byService)
      for (const revision of await describe(call, serviceArn, ofService))
        found.set(revision.serviceRevisionArn ?? '', revision)
    return {
      serviceRevisions: arns.flatMap(arn => found.get(arn) ?? []),
      failures: arns.filter(arn => !found.has(arn)).map(arn => ({ arn, reason: 'MISSING' })),
    }
  },
})

/** Those that have a deployment are told by it, and the others by history. */
const describe = async (
  { store }: Call,
  serviceArn: string,
  arns: readonly string[],
): Promise<readonly ServiceRevision[]> => {
  const service = store.get(services, serviceArn)
  if (service === undefined) throw serviceNotFound()
  if (service.status === 'INACTIVE') return []
  const { clusterArn, createdAt } = service
  const past = new Set(arns)
  const found: ServiceRevision[] = []
  for (const arn of arns) {
    const deployment = store.get(deployments, `ecs-svc/${lastSegment(arn)}`)
    if (deployment?.serviceArn !== serviceArn) continue
    past.delete(arn)
    found.push(serviceRevisionResponse(revisionRecordOf(store, service, deployment), clusterArn))
  }
  if (past.size === 0) return found
  const records = await pastRecordsById(store.history, pastServiceRevisions, serviceArn, past)
  for (const record of records.values())
    if (record.serviceCreatedAt === createdAt) found.push(serviceRevisionResponse(record, clusterArn))
  return found
}
