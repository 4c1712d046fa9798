import type { GetAccountConfigurationResponse, PutAccountConfigurationRequest } from '@aws-sdk/client-acm'
import { scopeKey } from '@berth/model'
import { operation } from '../../service.ts'
import { constraint } from '../errors.ts'
import { accountConfigurations } from '../tables/index.ts'

/** (AWS: ExpiryEventsConfiguration) */
const defaultDaysBeforeExpiry = 45

export const accountConfigurationOperations = [
  operation<object, GetAccountConfigurationResponse>({
    name: 'GetAccountConfiguration',
    effect: 'reads',
    resources: () => ['*'],
    handle: (_, { store, scope }) => {
      const DaysBeforeExpiry =
        store.get(accountConfigurations, scopeKey(scope))?.daysBeforeExpiry ?? defaultDaysBeforeExpiry
      return { ExpiryEvents: { DaysBeforeExpiry } }
    },
  }),
  operation<PutAccountConfigurationRequest, object>({
    name: 'PutAccountConfiguration',
    effect: 'writes',
    resources: () => ['*'],
    handle: ({ ExpiryEvents, IdempotencyToken = '' }, { store, scope }) => {
      const days = ExpiryEvents?.DaysBeforeExpiry
      if (days !== undefined && days < 1)
        throw constraint('expiryEvents.daysBeforeExpiry', 'have value greater than or equal to 1')
      if (!/^\w{1,32}$/.test(IdempotencyToken))
        throw constraint('idempotencyToken', 'satisfy regular expression pattern: \\w+')
      if (days !== undefined)
        store.update(tx => tx.put(accountConfigurations, { id: scopeKey(scope), daysBeforeExpiry: days }))
      return {}
    },
  }),
]
