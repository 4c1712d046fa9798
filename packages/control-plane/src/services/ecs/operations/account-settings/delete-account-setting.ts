import type { DeleteAccountSettingRequest, DeleteAccountSettingResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { effectiveSetting, settingId } from '../../effective-settings.ts'
import { invalidParameter } from '../../errors.ts'
import { accountSettings } from '../../tables/index.ts'
import { principalOf, settingResponse } from './setting-request.ts'

/** The account's default holds for the principal again; the answer tells it. */
export const deleteAccountSetting = operation<DeleteAccountSettingRequest, DeleteAccountSettingResponse>({
  name: 'DeleteAccountSetting',
  effect: 'frees',
  resources: () => ['*'],
  handle: ({ name, principalArn }, call) => {
    if (!name) throw invalidParameter('name should not be null.')
    const principal = principalOf(principalArn, call)
    const id = settingId(call.scope, principal, name)
    if (call.store.get(accountSettings, id)) call.store.update(tx => tx.delete(accountSettings, id))
    const value = effectiveSetting(call.store, call.scope, principal, name)
    return { setting: settingResponse(name, value, principal) }
  },
})
