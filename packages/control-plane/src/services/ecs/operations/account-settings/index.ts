import type { Service } from '../../../service.ts'
import { deleteAccountSetting } from './delete-account-setting.ts'
import { listAccountSettings } from './list-account-settings.ts'
import { putAccountSetting } from './put-account-setting.ts'
import { putAccountSettingDefault } from './put-account-setting-default.ts'

export const accountSettingOperations: Service['operations'] = [
  deleteAccountSetting,
  listAccountSettings,
  putAccountSetting,
  putAccountSettingDefault,
]
