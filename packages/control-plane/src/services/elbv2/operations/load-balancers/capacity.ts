import type {
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { operation } from '../../../service.ts'
import { loadBalancerKind, rowOf } from '../../references.ts'

/** Nobody reserves capacity: a load balancer has what its host has. (AWS: DescribeCapacityReservation) */
export const describeCapacityReservation = operation<
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput
>({
  name: 'DescribeCapacityReservation',
  effect: 'reads',
  resources: ({ LoadBalancerArn = '' }) => [LoadBalancerArn],
  handle: ({ LoadBalancerArn }, { store, scope }) => {
    rowOf(store, scope, loadBalancerKind, LoadBalancerArn)
    return { CapacityReservationState: [] }
  },
})
