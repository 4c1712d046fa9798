import type { ManagedPrefixList, PrefixListEntry as ShownEntry } from '@aws-sdk/client-ec2'
import type { Call } from '../../service.ts'
import { idOf } from '../network/kinds.ts'
import { currentVersion, type PrefixListEntry, type PrefixListRow } from '../tables/index.ts'
import { tagResponse } from '../tags.ts'

export const prefixListResponse = (
  row: PrefixListRow,
  { scope }: Pick<Call, 'scope'>,
): ManagedPrefixList => ({
  PrefixListId: idOf(row),
  PrefixListArn: row.id,
  PrefixListName: row.name,
  AddressFamily: row.addressFamily,
  State: row.state,
  MaxEntries: row.maxEntries,
  Version: currentVersion(row).number,
  OwnerId: scope.accountId,
  Tags: tagResponse(row.tags),
})

export const prefixListEntryResponse = ({ cidr, description }: PrefixListEntry): ShownEntry => ({
  Cidr: cidr,
  ...(description !== undefined && { Description: description }),
})
