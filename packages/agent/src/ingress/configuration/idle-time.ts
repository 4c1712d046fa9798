import type { ListenerFact, LoadBalancerFact } from '@berth/model'
import { numberOf } from './words.ts'

/** How long a connection lasts on which nothing comes. (AWS: LoadBalancerAttribute; ListenerAttribute) */
export const idleSeconds = ({ attributes, type }: LoadBalancerFact, listener?: ListenerFact): number =>
  type === 'application'
    ? numberOf(attributes, 'idle_timeout.timeout_seconds', 60)
    : numberOf(listener?.attributes ?? {}, 'tcp.idle_timeout.seconds', 350)
