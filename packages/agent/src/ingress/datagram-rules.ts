/** Listeners of UDP, which HAProxy does not carry, as rules of the kernel: each flow goes to one target. */
import type { IngressAction, ListenerFact, TargetFact } from '@berth/model'
import { sharesOf } from './configuration/forwards.ts'
import type { IngressView } from './configuration/view.ts'
import { isOn } from './configuration/words.ts'

export interface DatagramTargets {
  targets(targetGroupArn: string): readonly TargetFact[]
  isHealthy(target: TargetFact): boolean
}

type Forward = Extract<IngressAction, { type: 'forward' }>

/** Where a flow's hash may fall. */
const range = 65_536

/** To all when none is healthy. Targets of a VPC are behind an interface that only HAProxy uses. */
const usableTargets = ({ targets, isHealthy }: DatagramTargets, arn: string): TargetFact[] => {
  const all = targets(arn)
    .filter(({ isDraining, isInVpc }) => !isDraining && !isInVpc)
    .toSorted((left, right) => (left.key < right.key ? -1 : 1))
  const healthy = all.filter(isHealthy)
  return healthy.length > 0 ? healthy : all
}

/** `0-32767 : 10.0.0.1 . 53`: each target's part of the range, by the weight of its group. */
export const partsOf = (forward: Forward, surroundings: DatagramTargets): string[] => {
  const shares = sharesOf(forward).flatMap(({ arn, weight }) => {
    const targets = usableTargets(surroundings, arn)
    const share = Math.max(weight, 1) / targets.length
    return targets.map(({ address, port }) => ({ address, port, share }))
  })
  const total = shares.reduce((sum, { share }) => sum + share, 0)
  let before = 0
  return shares.flatMap(({ address, port, share }) => {
    const from = Math.round((before / total) * range)
    before += share
    const to = Math.round((before / total) * range) - 1
    return to < from ? [] : [`${from}-${to} : ${address} . ${port}`]
  })
}

interface DatagramListener {
  readonly address: string
  readonly listener: ListenerFact
}

const listenersOf = ({ loadBalancers }: IngressView): DatagramListener[] =>
  loadBalancers.flatMap(({ loadBalancer, listeners }) =>
    listeners
      .filter(({ protocol }) => protocol === 'UDP' || protocol === 'TCP_UDP')
      .map(listener => ({ address: loadBalancer.frontAddress, listener })),
  )

const ruleOf = (
  { address, listener }: DatagramListener,
  isSticky: (targetGroupArn: string) => boolean,
  surroundings: DatagramTargets,
): string => {
  const match = `ip daddr ${address} udp dport ${listener.port}`
  const action = listener.rules.at(-1)?.actions.at(-1)
  const parts = action?.type === 'forward' ? partsOf(action, surroundings) : []
  if (action?.type !== 'forward' || parts.length === 0) return `${match} drop`
  // A group that clients stick to keeps all flows of an address together.
  const flow = action.targetGroups.some(({ arn }) => isSticky(arn)) ? 'ip saddr' : 'ip saddr . udp sport'
  return `${match} dnat ip addr . port to jhash ${flow} mod ${range} map { ${parts.join(', ')} }`
}

/** The whole table, which replaces the one before; undefined: there is nothing for it. IPv4 only. */
export const datagramRules = (
  table: string,
  view: IngressView,
  surroundings: DatagramTargets,
): string | undefined => {
  const listeners = listenersOf(view)
  if (listeners.length === 0) return undefined
  const sticky = new Set(
    view.loadBalancers.flatMap(({ targetGroups }) =>
      targetGroups.filter(({ attributes }) => isOn(attributes, 'stickiness.enabled')).map(({ arn }) => arn),
    ),
  )
  const rules = listeners.map(listener => ruleOf(listener, arn => sticky.has(arn), surroundings))
  const addresses = [...new Set(listeners.map(({ address }) => address))].join(', ')
  return `add table ip ${table}
flush table ip ${table}
table ip ${table} {
  chain listeners {
    ${rules.join('\n    ')}
  }
  chain prerouting {
    type nat hook prerouting priority -110
    jump listeners
  }
  chain output {
    type nat hook output priority -110
    jump listeners
  }
  chain postrouting {
    type nat hook postrouting priority 90
    ct status dnat meta l4proto udp ct original ip daddr { ${addresses} } masquerade
  }
}
`
}
