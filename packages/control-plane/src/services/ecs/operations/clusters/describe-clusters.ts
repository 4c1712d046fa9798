import type { DescribeClustersRequest, DescribeClustersResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { clusterArnOf, requireClusterName } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { clusterResponse } from '../../responses/cluster.ts'
import { clusters } from '../../tables/index.ts'

const mostClusters = 100

export const describeClusters = operation<DescribeClustersRequest, DescribeClustersResponse>({
  name: 'DescribeClusters',
  effect: 'reads',
  resources: (input, call) => wantedArns(input).map(reference => clusterResource(call.scope, reference)),
  handle: (input, { store, scope }) => {
    const wanted = wantedArns(input)
    if (wanted.length > mostClusters)
      throw invalidParameter(`clusters can have at most ${mostClusters} elements.`)
    for (const reference of wanted) requireClusterName(reference)
    const found = [...new Set(wanted.map(reference => clusterArnOf(scope, reference)))].map(arn => ({
      arn,
      row: store.get(clusters, arn),
    }))
    return {
      clusters: found.flatMap(({ row }) => (row ? [clusterResponse(store, row, input.include ?? [])] : [])),
      failures: found.flatMap(({ arn, row }) => (row ? [] : [{ arn, reason: 'MISSING' }])),
    }
  },
})

/** No clusters at all mean the default one. */
const wantedArns = ({ clusters = [] }: DescribeClustersRequest): string[] =>
  clusters.length > 0 ? clusters : ['default']
