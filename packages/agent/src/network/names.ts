/**
 * What this agent's namespaces, links and tables are called. `tag` tells the agents of one network namespace apart; names of
 * links have at most 15 characters. Pure.
 */
import { createHash } from 'node:crypto'

const shortHash = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length)

const tagLength = 4
const endLength = 12

/** The same for the same place always, also when its data were lost: what is left of an earlier life is found by it. */
export const tagOf = (dataDirectory: string): string => shortHash(dataDirectory, tagLength)

export const namespacePrefix = (tag: string): string => `berth-${tag}-`

export const routerNamespace = (tag: string, vpcId: string): string => `${namespacePrefix(tag)}${vpcId}`

/** Of a load balancer's interface: a task's is in the task's own namespace. */
export const interfaceNamespace = (tag: string, interfaceId: string): string =>
  `${namespacePrefix(tag)}${interfaceId}`

export const namespacePath = (name: string): string => `/run/netns/${name}`

/** In the host's namespace: by which it speaks WireGuard. */
export const wireGuardLinkPrefix = 'bwg'
export const wireGuardLink = (tag: string): string => `${wireGuardLinkPrefix}${tag}`

/** In the router's namespace. */
export const interfaceLinkPrefix = 'eni'
export const interfaceLink = (interfaceId: string): string =>
  `${interfaceLinkPrefix}${interfaceId.replace(/^eni-/, '').slice(-endLength)}`

export const overlayLink = 'vx0'
export const uplink = 'up0'

/** The uplink's end in the host's namespace. */
export const hostLinkPrefix = 'bvp'
export const hostLink = (tag: string, vpcId: string): string =>
  `${hostLinkPrefix}${tag}${shortHash(vpcId, endLength - tagLength)}`

export const hostTable = (tag: string): string => `berth-vpc-${tag}`
export const instanceMetadataTable = (tag: string): string => `berth-imds-${tag}`
export const overlayGuardTable = (tag: string): string => `berth-overlay-${tag}`

/** Of the groups of an interface, whatever their order. */
export const groupSetName = (groupIds: readonly string[]): string =>
  `groups-${shortHash(groupIds.toSorted().join(' '), endLength)}`
