import type { PutAccountSettingRequest, PutAccountSettingResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { settingRow } from '../../effective-settings.ts'
import { invalidParameter } from '../../errors.ts'
import { accountSettings } from '../../tables/index.ts'
import { checkValue, principalOf, settingResponse } from './setting-request.ts'

/** For one principal, which is the caller unless another one is named. */
export const putAccountSetting = operation<PutAccountSettingRequest, PutAccountSettingResponse>({
  name: 'PutAccountSetting',
  effect: 'writes',
  resources: () => ['*'],
  handle: ({ name, value, principalArn }, call) => {
    if (!name || value === undefined) throw invalidParameter('name and value should not be null.')
    checkValue(name, value)
    const principal = principalOf(principalArn, call)
    call.store.update(tx => tx.put(accountSettings, settingRow(call.scope, principal, name, value)))
    return { setting: settingResponse(name, value, principal) }
  },
})
