import { networkAclOperations } from './acls.ts'
import { describeNetworkAcls } from './describe.ts'
import { networkAclEntryOperations } from './entries.ts'

export const networkAclFolder = [...networkAclOperations, ...networkAclEntryOperations, describeNetworkAcls]
