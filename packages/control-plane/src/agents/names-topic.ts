/** The topic `names`: what the resolvers of all hosts of an account and region answer by themselves. */
import { berthDomain, type NameFact, scopeKey, scopeOfArn } from '@berth/model'
import { type LoadBalancerRow, loadBalancers } from '../services/elbv2/index.ts'
import type { View } from '../store/view.ts'
import type { TopicSource } from './facts/topic.ts'
import { interfaceAddressOf } from './ingress/ingress-facts.ts'

/** Seconds, as of AWS's own load balancers. (AWS: "How Elastic Load Balancing works", request routing) */
const ttl = 60
const pageSize = 200

const zone: NameFact = {
  key: `name/${berthDomain}/ZONE`,
  name: berthDomain,
  type: 'ZONE',
  ttl,
  values: [],
}

/** A name as everybody has it, or as it is in one VPC. */
const keyOf = (dnsName: string, vpcId?: string): string =>
  vpcId === undefined ? `name/${dnsName}/A` : `name/${dnsName}/A/${vpcId}`

/**
 * None while it has no address: the name is not there yet. In its own VPC it is the address of its interface there.
 * (AWS: "How Elastic Load Balancing works": an internal load balancer's name leads to private addresses)
 */
const namesOf = (view: View, row: LoadBalancerRow): readonly NameFact[] => {
  const { carried, dnsName, vpcId } = row
  if (!carried) return []
  const name = dnsName.toLowerCase()
  const own = interfaceAddressOf(view, row)
  const record = { name, type: 'A', ttl } as const
  return [
    { ...record, key: keyOf(name), values: [carried.frontAddress] },
    ...(own === undefined ? [] : [{ ...record, key: keyOf(name, vpcId), values: [own], vpcIds: [vpcId] }]),
  ]
}

const audienceOf = (arn: string): string => scopeKey(scopeOfArn(arn))

export const namesTopic: TopicSource<'names'> = {
  topic: 'names',
  audiencesOf: (_, containerInstanceArn) => [audienceOf(containerInstanceArn)],
  pageOf: (view, audience, from) => {
    const facts: NameFact[] = from === undefined ? [zone] : []
    let seen = 0
    let last: string | undefined
    for (const row of view.where(loadBalancers, 'byScope', audience, from)) {
      if (seen === pageSize && last !== undefined) return { facts, next: last }
      facts.push(...namesOf(view, row))
      last = row.id
      seen += 1
    }
    return { facts }
  },
  factOf: (view, audience, key) => {
    if (key === zone.key) return zone
    const [, dnsName = ''] = key.split('/')
    for (const row of view.where(loadBalancers, 'byDnsName', dnsName))
      if (audienceOf(row.id) === audience) return namesOf(view, row).find(fact => fact.key === key)
    return undefined
  },
  touched: ({ table, before, after }) => {
    if (table.name !== loadBalancers.name) return []
    const rows = [before, after] as readonly (LoadBalancerRow | undefined)[]
    return rows.flatMap(row => {
      if (!row) return []
      const name = row.dnsName.toLowerCase()
      const audience = audienceOf(row.id)
      return [keyOf(name), keyOf(name, row.vpcId)].map(key => ({ audience, key }))
    })
  },
}
