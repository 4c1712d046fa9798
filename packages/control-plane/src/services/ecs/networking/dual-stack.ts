/** Which tasks have an IPv6 address beside their IPv4 one. Pure. */
import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { effectiveSetting } from '../effective-settings.ts'
import type { ContainerInstanceRow, FargatePlatform } from '../tables/index.ts'

/** "The dualStackIPv6 account setting must be enabled" for who runs the task, or made its service. (AWS: "Amazon ECS account settings") */
export const isDualStack = (view: View, scope: Scope, principal: string): boolean =>
  effectiveSetting(view, scope, principal, 'dualStackIPv6') === 'enabled'

/** (AWS: "Fargate platform versions for Amazon ECS", 1.4.0) */
export const hasIpv6 = (platform: FargatePlatform | undefined): boolean => platform?.version !== '1.3.0'

/** Its agent says so, in the official agent's words. */
export const givesIpv6 = ({ attributes }: Pick<ContainerInstanceRow, 'attributes'>): boolean =>
  attributes.some(({ name }) => name === 'ecs.capability.task-eni.ipv6')
