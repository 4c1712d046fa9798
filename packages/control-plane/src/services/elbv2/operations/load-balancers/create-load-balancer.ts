import type {
  CreateLoadBalancerInput,
  CreateLoadBalancerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { defaultSecurityGroupId } from '../../../ec2/index.ts'
import { type Call, operation } from '../../../service.ts'
import { loadBalancerArn, newId } from '../../arns.ts'
import { dnsNameOf } from '../../dns-name.ts'
import { elbError, notSupported, refuseMembers } from '../../errors.ts'
import { checkIpAddressType } from '../../ip-address-type.ts'
import { limits } from '../../limits.ts'
import { checkLoadBalancerName } from '../../names.ts'
import { loadBalancerResponse } from '../../responses/load-balancer.ts'
import { givenSecurityGroups } from '../../security-groups.ts'
import { type LoadBalancerRow, loadBalancers } from '../../tables/index.ts'
import { sameTags, withTags } from '../../tags.ts'
import { givenZones } from '../../zones.ts'

const typeOf = ({ Type = 'application' }: CreateLoadBalancerInput): LoadBalancerRow['type'] => {
  if (Type === 'gateway') throw notSupported("The load balancer type 'gateway'")
  return Type
}

const groupsOf = (
  view: View,
  { scope }: Call,
  { SecurityGroups }: CreateLoadBalancerInput,
  type: LoadBalancerRow['type'],
  vpcId: string,
): string[] => {
  if (SecurityGroups?.length) return givenSecurityGroups(view, scope, vpcId, SecurityGroups)
  const usual = type === 'application' ? defaultSecurityGroupId(view, scope, vpcId) : undefined
  return usual === undefined ? [] : [usual]
}

/** The load balancer that a request asks for, under a new ARN. */
const wantedLoadBalancer = (view: View, input: CreateLoadBalancerInput, call: Call): LoadBalancerRow => {
  const { Name: name = '', Scheme: scheme = 'internet-facing', IpAddressType = 'ipv4' } = input
  checkLoadBalancerName(name)
  const type = typeOf(input)
  checkIpAddressType(IpAddressType)
  const { vpcId, zones } = givenZones(view, call.scope, input, { type, scheme })
  const securityGroupIds = groupsOf(view, call, input, type, vpcId)
  const id = newId(call.randomHex)
  return {
    id: loadBalancerArn(call.scope, type, name, id),
    name,
    type,
    scheme,
    ipAddressType: IpAddressType,
    vpcId,
    dnsName: dnsNameOf({ name, type, scheme }, call.scope.region, id),
    zones,
    securityGroupIds,
    ...(type === 'network' && securityGroupIds.length > 0 && { filtersPrivateLink: true }),
    attributes: {},
    createdAt: call.now,
    tags: withTags([], input.Tags),
    state: { code: 'provisioning' },
  }
}

const hasSameSettings = (one: LoadBalancerRow, other: LoadBalancerRow): boolean => {
  const settings = ({ type, scheme, ipAddressType, zones, securityGroupIds }: LoadBalancerRow): string =>
    JSON.stringify([type, scheme, ipAddressType, zones, [...securityGroupIds].sort()])
  return settings(one) === settings(other) && sameTags(one.tags, other.tags)
}

/** Sent again with the same settings, it makes nothing new. (AWS: CreateLoadBalancer) */
export const createLoadBalancer = operation<CreateLoadBalancerInput, CreateLoadBalancerOutput>({
  name: 'CreateLoadBalancer',
  effect: 'writes',
  resources: () => ['*'],
  handle: (input, call) => {
    refuseMembers(input, ['CustomerOwnedIpv4Pool', 'IpamPools'])
    if (input.EnablePrefixForIpv6SourceNat === 'on') throw notSupported('EnablePrefixForIpv6SourceNat')
    const { scope, store } = call
    return store.update(tx => {
      const wanted = wantedLoadBalancer(tx, input, call)
      const [existing] = tx.where(loadBalancers, 'byName', `${scopeKey(scope)}|${wanted.name}`)
      if (existing && !hasSameSettings(existing, wanted))
        throw elbError(
          'DuplicateLoadBalancerName',
          `A load balancer with the same name '${wanted.name}' exists, but with different settings`,
        )
      if (!existing && tx.count(loadBalancers, 'byScope', scopeKey(scope)) >= limits.loadBalancers)
        throw elbError('TooManyLoadBalancers', 'The maximum number of load balancers has been reached')
      if (!existing) tx.put(loadBalancers, wanted)
      return { LoadBalancers: [loadBalancerResponse(existing ?? wanted, tx, scope)] }
    })
  },
})
