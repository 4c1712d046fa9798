/** Account settings: what may be set, and what holds for a principal. (AWS: "Amazon ECS account settings") */
import type { SettingName } from '@aws-sdk/client-ecs'
import { type Scope, scopeKey } from '@berth/model'
import type { View } from '../../store/view.ts'
import { type AccountSettingRow, accountSettings } from './tables/index.ts'

/** AWS documents, lists and takes dualStackIPv6, which its models leave out. */
export type AccountSettingName = SettingName | 'dualStackIPv6'

interface SettingRule {
  readonly values: readonly string[]
  /** What holds when nobody has set anything. */
  readonly standard: string
  /** Set by AWS: may be read only. */
  readonly managed?: true
}

const enabledOrDisabled = ['enabled', 'disabled']

/** By name, in the order of the alphabet. */
export const settingRules: Readonly<Record<AccountSettingName, SettingRule>> = {
  awsvpcTrunking: { values: enabledOrDisabled, standard: 'disabled' },
  containerInsights: { values: ['enabled', 'disabled', 'enhanced'], standard: 'disabled' },
  // Berth has long ARNs only, as every AWS account has since 2021.
  containerInstanceLongArnFormat: { values: ['enabled'], standard: 'enabled' },
  defaultLogDriverMode: { values: ['blocking', 'non-blocking'], standard: 'non-blocking' },
  dualStackIPv6: { values: enabledOrDisabled, standard: 'enabled' },
  fargateEventWindows: { values: enabledOrDisabled, standard: 'disabled' },
  fargateFIPSMode: { values: enabledOrDisabled, standard: 'disabled' },
  fargateTaskRetirementWaitPeriod: { values: ['0', '7', '14'], standard: '7' },
  guardDutyActivate: { values: ['on', 'off'], standard: 'off', managed: true },
  serviceLongArnFormat: { values: ['enabled'], standard: 'enabled' },
  tagResourceAuthorization: { values: ['on', 'off'], standard: 'off' },
  taskLongArnFormat: { values: ['enabled'], standard: 'enabled' },
}

/** The account's default is what its root has set. */
export const rootArn = ({ accountId }: Scope): string => `arn:aws:iam::${accountId}:root`

const storedPrincipal = (scope: Scope, principal: string): string =>
  principal === rootArn(scope) ? 'default' : principal

export const settingId = (scope: Scope, principal: string, name: AccountSettingName): string =>
  `${scopeKey(scope)}/${storedPrincipal(scope, principal)}/${name}`

export const settingRow = (
  scope: Scope,
  principal: string,
  name: AccountSettingName,
  value: string,
): AccountSettingRow => ({
  id: settingId(scope, principal, name),
  scope: scopeKey(scope),
  name,
  value,
  principal: storedPrincipal(scope, principal),
})

/** What a principal (an IAM ARN) has set for itself. */
export const ownSetting = (
  view: View,
  scope: Scope,
  principal: string,
  name: AccountSettingName,
): string | undefined => view.get(accountSettings, settingId(scope, principal, name))?.value

/** What holds for a principal: its own setting, else the account's default, else ECS's. */
export const effectiveSetting = (
  view: View,
  scope: Scope,
  principal: string,
  name: AccountSettingName,
): string =>
  ownSetting(view, scope, principal, name) ??
  ownSetting(view, scope, rootArn(scope), name) ??
  settingRules[name].standard
