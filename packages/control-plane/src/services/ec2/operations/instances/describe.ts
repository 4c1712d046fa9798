import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  Instance,
  InstanceState,
  Reservation,
} from '@aws-sdk/client-ec2'
import { lastSegment, type Scope, scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import type { Call, Operation } from '../../../service.ts'
import { timestamp } from '../../../timestamp.ts'
import { ec2Error } from '../../errors.ts'
import { type FilterTexts, readFilters, tagFilters, timeText } from '../../filters.ts'
import type { HostInstance, HostInstances } from '../../host-instances.ts'
import { reading } from '../../network/operations.ts'
import { privateNameOf } from '../../network/private-names.ts'
import { pageOf } from '../../pages.ts'
import { tagResponse } from '../../tags.ts'

const stateOf = ({ isLost }: HostInstance): InstanceState & { readonly Code: number } =>
  isLost ? { Code: 80, Name: 'stopped' } : { Code: 16, Name: 'running' }

/** An id of its own for the one instance that was launched with it, as it is the host's. */
const reservationIdOf = ({ id }: HostInstance): string => `r-${lastSegment(id).slice(0, 17)}`

const instanceResponse = (host: HostInstance, { region }: Scope): Instance => ({
  InstanceId: host.instanceId,
  State: stateOf(host),
  Placement: {
    ...(host.availabilityZone !== undefined && { AvailabilityZone: host.availabilityZone }),
    Tenancy: 'default',
  },
  ...(host.privateAddress !== undefined && {
    PrivateIpAddress: host.privateAddress,
    PrivateDnsName: privateNameOf(host.privateAddress, region),
  }),
  ...(host.architecture !== undefined && { Architecture: host.architecture }),
  LaunchTime: timestamp(host.launchedAt),
  AmiLaunchIndex: 0,
  BlockDeviceMappings: [],
  NetworkInterfaces: [],
  SecurityGroups: [],
  Tags: tagResponse(host.tags),
})

const filters = ({ scope }: Call): FilterTexts<HostInstance> => ({
  architecture: ({ architecture }) => [architecture],
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'instance-id': ({ instanceId }) => [instanceId],
  'instance-state-code': host => [String(stateOf(host).Code)],
  'instance-state-name': host => [stateOf(host).Name],
  'launch-time': ({ launchedAt }) => [timeText(launchedAt)],
  'owner-id': () => [scope.accountId],
  'private-dns-name': ({ privateAddress }) => [privateAddress && privateNameOf(privateAddress, scope.region)],
  'private-ip-address': ({ privateAddress }) => [privateAddress],
  'reservation-id': host => [reservationIdOf(host)],
  tenancy: () => ['default'],
  ...tagFilters(({ tags }: HostInstance) => tags),
})

const found = (view: View, scope: Scope, { find }: HostInstances, instanceId: string): HostInstance => {
  if (!/^m?i-[0-9a-f]{8,17}$/.test(instanceId))
    throw ec2Error('InvalidInstanceID.Malformed', `Invalid id: "${instanceId}"`)
  const host = find(view, scope, instanceId)
  if (!host) throw ec2Error('InvalidInstanceID.NotFound', `The instance ID '${instanceId}' does not exist`)
  return host
}

/** The hosts, a reservation each. */
export const describeInstances = (
  hosts: HostInstances,
): Operation<DescribeInstancesRequest, DescribeInstancesResult> =>
  reading<DescribeInstancesRequest, DescribeInstancesResult>({
    name: 'DescribeInstances',
    takes: ['InstanceIds', 'Filters', 'MaxResults', 'NextToken'],
    read: (input, call) => {
      const { store, scope } = call
      const { InstanceIds = [], Filters } = input
      const passes = readFilters(Filters, filters(call))
      const named =
        InstanceIds.length > 0
          ? InstanceIds.map(id => found(store, scope, hosts, id))
          : [...hosts.all(store, scope)]
      const list = `DescribeInstances|${scopeKey(scope)}|${JSON.stringify([InstanceIds, Filters])}`
      const { items, NextToken } = pageOf(list, input, named.filter(passes), InstanceIds)
      const Reservations = items.map(
        (host): Reservation => ({
          ReservationId: reservationIdOf(host),
          OwnerId: scope.accountId,
          Groups: [],
          Instances: [instanceResponse(host, scope)],
        }),
      )
      return { Reservations, ...(NextToken && { NextToken }) }
    },
  })
