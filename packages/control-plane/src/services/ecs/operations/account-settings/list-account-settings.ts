import type { ListAccountSettingsRequest, ListAccountSettingsResponse, Setting } from '@aws-sdk/client-ecs'
import { scopeKey } from '@berth/model'
import { type Call, operation } from '../../../service.ts'
import {
  type AccountSettingName,
  effectiveSetting,
  ownSetting,
  settingRules,
} from '../../effective-settings.ts'
import { invalidParameter } from '../../errors.ts'
import { openPage } from '../../pagination.ts'
import { principalOf, settingResponse } from './setting-request.ts'

/** What the principal has set for itself or, with effectiveSettings, what holds for it. */
export const listAccountSettings = operation<ListAccountSettingsRequest, ListAccountSettingsResponse>({
  name: 'ListAccountSettings',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, call) => {
    const { name, value, effectiveSettings = false } = input
    if (value !== undefined && name === undefined)
      throw invalidParameter('If value is specified, you must also specify a name.')
    const principal = principalOf(input.principalArn, call)
    const list = ['ListAccountSettings', scopeKey(call.scope), principal, name, value, effectiveSettings]
    const page = openPage(list.join('|'), input, { maximum: 10 })
    const settings = settingsOf(principal, effectiveSettings, call).filter(
      setting =>
        (name === undefined || setting.name === name) &&
        (value === undefined || setting.value === value) &&
        (page.after === undefined || (setting.name ?? '') > page.after),
    )
    const { items, ...next } = page.take(settings, setting => setting.name ?? '')
    return { settings: items, ...next }
  },
})

/** In the order of their names. */
const settingsOf = (principal: string, effective: boolean, { store, scope }: Call): Setting[] =>
  (Object.keys(settingRules) as AccountSettingName[]).sort().flatMap(name => {
    const value = effective
      ? effectiveSetting(store, scope, principal, name)
      : ownSetting(store, scope, principal, name)
    return value === undefined ? [] : [settingResponse(name, value, principal)]
  })
