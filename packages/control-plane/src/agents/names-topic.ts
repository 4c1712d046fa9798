/** The topic `names`: what the resolvers of all hosts of an account and region answer by themselves. */
import { berthDomain, type NameFact, scopeKey, scopeOfArn } from '@berth/model'
import { type LoadBalancerRow, loadBalancers } from '../services/elbv2/index.ts'
import type { TopicSource } from './facts/topic.ts'

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

const keyOf = (dnsName: string): string => `name/${dnsName}/A`

/** Undefined while it has no address: the name is not there yet. */
const nameOf = ({ dnsName, carried }: LoadBalancerRow): NameFact | undefined => {
  const name = dnsName.toLowerCase()
  return carried && { key: keyOf(name), name, type: 'A', ttl, values: [carried.frontAddress] }
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
      const fact = nameOf(row)
      if (fact) facts.push(fact)
      last = row.id
      seen += 1
    }
    return { facts }
  },
  factOf: (view, audience, key) => {
    if (key === zone.key) return zone
    for (const row of view.where(loadBalancers, 'byDnsName', key.slice('name/'.length, -'/A'.length)))
      if (audienceOf(row.id) === audience) return nameOf(row)
    return undefined
  },
  touched: ({ table, before, after }) => {
    if (table.name !== loadBalancers.name) return []
    const rows = [before, after] as readonly (LoadBalancerRow | undefined)[]
    return rows.flatMap(row =>
      row ? [{ audience: audienceOf(row.id), key: keyOf(row.dnsName.toLowerCase()) }] : [],
    )
  },
}
