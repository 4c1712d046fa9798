/** **Berth**: which of the operator's hosts and addresses carry load balancers. */
import type { Reconciler } from '../../control-loop/plan.ts'
import { parseFrontAddresses } from './front-addresses.ts'
import { loadBalancerReconciler } from './load-balancers.ts'

/** `loadBalancerAddresses`: blocks, separated by commas. */
export const ingressReconcilers = (loadBalancerAddresses: string): readonly Reconciler[] => {
  const pool = parseFrontAddresses(loadBalancerAddresses)
  if (pool === undefined) throw new Error(`${loadBalancerAddresses} are no blocks of addresses`)
  return [loadBalancerReconciler(pool)]
}
