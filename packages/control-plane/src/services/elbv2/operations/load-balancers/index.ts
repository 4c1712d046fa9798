import { describeCapacityReservation } from './capacity.ts'
import { createLoadBalancer } from './create-load-balancer.ts'
import { deleteLoadBalancer } from './delete-load-balancer.ts'
import { describeLoadBalancers } from './describe-load-balancers.ts'
import { describeLoadBalancerAttributes, modifyLoadBalancerAttributes } from './load-balancer-attributes.ts'
import { setLoadBalancerOperations } from './set-load-balancer.ts'

export const loadBalancerOperations = [
  createLoadBalancer,
  deleteLoadBalancer,
  describeLoadBalancers,
  describeCapacityReservation,
  describeLoadBalancerAttributes,
  modifyLoadBalancerAttributes,
  ...setLoadBalancerOperations,
]
