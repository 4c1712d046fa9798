import type { BerthFacts, LoadBalancerFact } from '@berth/model'
import type { SimHost } from '../hosts/host.ts'
import type { Checker, Observation } from './checker.ts'

/** So long may a line be dead before its host or its server finds out, and what a host is told be under way. */
const UNDER_WAY_MS = 40_000

/** A load balancer is carried by one host, and listens on an address that no other one has. */
export const carriers = (hosts: readonly SimHost[]): Checker => {
  /** By container instance and load balancer: the address that the servers have told it. */
  const told = new Map<string, Map<string, string>>()
  /** Since when two hosts that are in a session carry a load balancer. */
  const doubledSince = new Map<string, number>()
  return {
    name: 'carriers',
    sent: (_, { type, message }, containerInstanceArn) => {
      const facts = message as BerthFacts
      if (type === 'BerthFacts' && facts.topic === 'ingress') note(told, containerInstanceArn, facts)
      return undefined
    },
    judge: observation => sharedAddress(told, observation) ?? doubled(hosts, doubledSince, observation),
    missing: observation => {
      const { loadBalancers = [] } = observation.balancing ?? {}
      for (const { LoadBalancerArn = '', State } of loadBalancers) {
        if (State?.Code !== 'active') return `${LoadBalancerArn} is ${State?.Code}: ${State?.Reason}`
        const key = `load-balancer/${LoadBalancerArn}`
        const carrying = hosts.filter(({ isGone, disk }) => !isGone && disk.ingress.has(key))
        if (carrying.length !== 1)
          return `${LoadBalancerArn} is carried by ${carrying.map(({ name }) => name).join(' and ') || 'nobody'}`
      }
      return undefined
    },
  }
}

const note = (
  told: Map<string, Map<string, string>>,
  containerInstanceArn: string,
  { isWhole, goesOn, facts, gone }: BerthFacts,
): void => {
  const before = told.get(containerInstanceArn)
  const now = before === undefined || (isWhole && goesOn !== true) ? new Map<string, string>() : before
  told.set(containerInstanceArn, now)
  for (const fact of facts as readonly LoadBalancerFact[])
    if (fact.kind === 'load-balancer') now.set(fact.arn, fact.frontAddress)
  for (const key of gone) now.delete(key.slice('load-balancer/'.length))
}

const listed = ({ balancing }: Observation): readonly string[] =>
  balancing?.loadBalancers.map(({ LoadBalancerArn = '' }) => LoadBalancerArn) ?? []

const sharedAddress = (
  told: ReadonlyMap<string, ReadonlyMap<string, string>>,
  observation: Observation,
): string | undefined => {
  const there = new Set(listed(observation))
  const holders = new Map<string, string>()
  for (const carried of told.values())
    for (const [arn, address] of carried) {
      if (!there.has(arn)) continue
      const other = holders.get(address) ?? arn
      if (other !== arn) return `${arn} and ${other} listen on ${address}`
      holders.set(address, arn)
    }
  return undefined
}

const doubled = (
  hosts: readonly SimHost[],
  since: Map<string, number>,
  observation: Observation,
): string | undefined => {
  const connected = hosts.filter(({ agent }) => agent?.link?.isOpenAtServer === true)
  for (const arn of listed(observation)) {
    const carrying = connected.filter(({ disk }) => disk.ingress.has(`load-balancer/${arn}`))
    const from = since.get(arn) ?? observation.at
    if (carrying.length < 2) since.delete(arn)
    else since.set(arn, from)
    if (carrying.length > 1 && observation.at - from > UNDER_WAY_MS)
      return `${arn} is carried by ${carrying.map(({ name }) => name).join(' and by ')}`
  }
  return undefined
}
