import type {
  CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntryRequest,
  ReplaceNetworkAclEntryRequest,
} from '@aws-sdk/client-ec2'
import { ec2Error } from '../../errors.ts'
import { aclEntryOf, ruleNumberOf } from '../../network/acl-entries.ts'
import { networkAclKind, rowOf } from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import { type AclEntry, networkAcls } from '../../tables/index.ts'

/** AWS's quota is 20 in each direction, and rises on request to 40. */
const mostEntries = 40

const resources = onOne<{ NetworkAclId: string | undefined }>(
  networkAclKind,
  ({ NetworkAclId }) => NetworkAclId,
)

const members = [
  'NetworkAclId',
  'RuleNumber',
  'Protocol',
  'RuleAction',
  'Egress',
  'CidrBlock',
  'Ipv6CidrBlock',
  'IcmpTypeCode',
  'PortRange',
] as const

const isSame = (one: Pick<AclEntry, 'ruleNumber' | 'isEgress'>, other: AclEntry): boolean =>
  one.ruleNumber === other.ruleNumber && one.isEgress === other.isEgress

const missing = (ruleNumber: number): Error =>
  ec2Error(
    'InvalidNetworkAclEntry.NotFound',
    `The network acl entry identified by ${ruleNumber} does not exist`,
  )

const createNetworkAclEntry = changing<CreateNetworkAclEntryRequest>({
  name: 'CreateNetworkAclEntry',
  takes: members,
  resources,
  change: (tx, input, { scope }) => {
    const acl = rowOf(tx, scope, networkAclKind, input.NetworkAclId, 'networkAclId')
    const entry = aclEntryOf(input)
    if (acl.entries.some(other => isSame(entry, other)))
      throw ec2Error(
        'NetworkAclEntryAlreadyExists',
        `The network acl entry identified by ${entry.ruleNumber} already exists.`,
      )
    if (acl.entries.filter(({ isEgress }) => isEgress === entry.isEgress).length >= mostEntries)
      throw ec2Error(
        'NetworkAclEntryLimitExceeded',
        'The maximum number of network acl entries has been reached.',
      )
    tx.put(networkAcls, { ...acl, entries: [...acl.entries, entry] })
    return {}
  },
})

const replaceNetworkAclEntry = changing<ReplaceNetworkAclEntryRequest>({
  name: 'ReplaceNetworkAclEntry',
  takes: members,
  resources,
  change: (tx, input, { scope }) => {
    const acl = rowOf(tx, scope, networkAclKind, input.NetworkAclId, 'networkAclId')
    const entry = aclEntryOf(input)
    if (!acl.entries.some(other => isSame(entry, other))) throw missing(entry.ruleNumber)
    const entries = acl.entries.map(other => (isSame(entry, other) ? entry : other))
    tx.put(networkAcls, { ...acl, entries })
    return {}
  },
})

const deleteNetworkAclEntry = changing<DeleteNetworkAclEntryRequest>({
  name: 'DeleteNetworkAclEntry',
  takes: ['NetworkAclId', 'RuleNumber', 'Egress'],
  effect: 'frees',
  resources,
  change: (tx, { NetworkAclId, RuleNumber, Egress: isEgress = false }, { scope }) => {
    const acl = rowOf(tx, scope, networkAclKind, NetworkAclId, 'networkAclId')
    const ruleNumber = ruleNumberOf(RuleNumber)
    const entries = acl.entries.filter(entry => !isSame({ ruleNumber, isEgress }, entry))
    if (entries.length === acl.entries.length) throw missing(ruleNumber)
    tx.put(networkAcls, { ...acl, entries })
    return {}
  },
})

export const networkAclEntryOperations = [
  createNetworkAclEntry,
  replaceNetworkAclEntry,
  deleteNetworkAclEntry,
]
