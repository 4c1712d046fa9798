import type { View } from '../../store/view.ts'
import { isPortHeld } from '../ecs/index.ts'
import { hostPortOfListener, listeners } from '../elbv2/index.ts'

/** A port of a load balancer's listeners that a task of the host has. */
export const heldPortOf = (view: View, loadBalancerArn: string, hostArn: string): string | undefined => {
  for (const listener of view.where(listeners, 'byLoadBalancer', loadBalancerArn)) {
    const port = hostPortOfListener(listener)
    if (port !== undefined && isPortHeld(view, hostArn, port)) return port
  }
  return undefined
}
