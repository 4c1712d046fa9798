import * as client from '@aws-sdk/client-sts'
import type { Service } from '../service.ts'
import { getCallerIdentity } from './operations/get-caller-identity.ts'

/** AWS Security Token Service: who the caller is. Nobody can assume roles yet. */
export const stsService: Service = {
  name: 'sts',
  client,
  operations: [getCallerIdentity],
  tables: [],
  histories: [],
  reconcilers: [],
}
