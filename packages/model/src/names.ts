/** Berth's own: what the resolver of a host answers by itself. */

/** `name/NAME/TYPE`, or `name/NAME/TYPE/VPC` where it is another one there; the name in lower case and without the last dot. */
export interface NameFact {
  readonly key: string
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV' | 'CNAME' | 'TXT' | 'ZONE'
  /** Seconds. */
  readonly ttl: number
  /** As in a zone file; nothing of a ZONE, which says that every name in it is answered for. */
  readonly values: readonly string[]
  /** Absent: whoever asks. Otherwise only what is in one of these VPCs, and the host itself. */
  readonly vpcIds?: readonly string[]
}

/**
 * Under it are the names that Berth makes up where AWS has `amazonaws.com`: names of AWS's own load balancers stay AWS's.
 * (ICANN keeps `internal` for private use.)
 */
export const berthDomain = 'berth.internal'

/** Where every host's resolver answers: an address of its own, so that the host's port 53 stays whoever's it is. */
export const resolverAddress = '169.254.170.53'
