import type { PutAccountSettingDefaultRequest, PutAccountSettingDefaultResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { rootArn, settingRow } from '../../effective-settings.ts'
import { invalidParameter } from '../../errors.ts'
import { accountSettings } from '../../tables/index.ts'
import { checkValue, settingResponse } from './setting-request.ts'

/** For every principal of the account that has not set it for itself. */
export const putAccountSettingDefault = operation<
  PutAccountSettingDefaultRequest,
  PutAccountSettingDefaultResponse
>({
  name: 'PutAccountSettingDefault',
  effect: 'writes',
  resources: () => ['*'],
  handle: ({ name, value }, { scope, store }) => {
    if (!name || value === undefined) throw invalidParameter('name and value should not be null.')
    checkValue(name, value)
    store.update(tx => tx.put(accountSettings, settingRow(scope, rootArn(scope), name, value)))
    return { setting: settingResponse(name, value, rootArn(scope)) }
  },
})
