/** Who is told what of networks. */
import { type Scope, scopeKey, scopeOfArn } from '@berth/model'

const kinds = [
  /** The interfaces on one host, whose ARN is the id. */
  'interfaces',
  /** A VPC, with its subnets and network ACLs. */
  'vpc',
  /** The addresses of a VPC, and the hosts that have them. */
  'addresses',
  /** A security group with its rules. */
  'group',
  /** The addresses of what is in a security group. */
  'members',
] as const

export interface NetworkAudience {
  readonly kind: (typeof kinds)[number]
  readonly scope: Scope
  readonly id: string
}

/** `vpc 123456789012/eu-central-1 vpc-0123…` */
export const nameOf = (kind: NetworkAudience['kind'], scope: Scope, id: string): string =>
  `${kind} ${scopeKey(scope)} ${id}`

export const audienceOf = (name: string): NetworkAudience => {
  const [text, key = '', id = ''] = name.split(' ')
  const kind = kinds.find(kind => kind === text)
  if (!kind) throw new Error(`Nothing of networks is told to '${name}'`)
  const [accountId = '', region = ''] = key.split('/')
  return { kind, id, scope: { accountId, region } }
}

export const onHost = (containerInstanceArn: string): string =>
  nameOf('interfaces', scopeOfArn(containerInstanceArn), containerInstanceArn)
