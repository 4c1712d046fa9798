import type {
  AccountAttribute,
  AvailabilityZone,
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
} from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import { invalidParameterValue } from '../../errors.ts'
import { type FilterTexts, readFilters } from '../../filters.ts'
import { idOf } from '../../network/kinds.ts'
import { reading } from '../../network/operations.ts'
import { zonesOf } from '../../network/zones.ts'
import { vpcs } from '../../tables/index.ts'

const zoneFilters: FilterTexts<AvailabilityZone> = {
  'group-long-name': ({ GroupLongName }) => [GroupLongName],
  'group-name': ({ GroupName }) => [GroupName],
  message: () => [],
  'opt-in-status': ({ OptInStatus }) => [OptInStatus],
  'parent-zone-id': () => [],
  'parent-zone-name': () => [],
  'region-name': ({ RegionName }) => [RegionName],
  state: ({ State }) => [State],
  'zone-id': ({ ZoneId }) => [ZoneId],
  'zone-name': ({ ZoneName }) => [ZoneName],
  'zone-type': ({ ZoneType }) => [ZoneType],
}

/** Throws InvalidParameterValue for a name that is none of them. */
const checkNames = (what: string, given: readonly string[], known: readonly string[]): void => {
  const unknown = given.find(name => !known.includes(name))
  if (unknown !== undefined) throw invalidParameterValue(`Invalid ${what}: [${unknown}]`)
}

/** Every zone is of no opt-in, so that AllAvailabilityZones shows no more. */
const describeZones = reading<DescribeAvailabilityZonesRequest, DescribeAvailabilityZonesResult>({
  name: 'DescribeAvailabilityZones',
  takes: ['ZoneNames', 'ZoneIds', 'AllAvailabilityZones', 'Filters'],
  read: ({ ZoneNames = [], ZoneIds = [], Filters }, { scope: { region } }) => {
    const zones = zonesOf(region)
    const [names, ids] = [zones.map(({ name }) => name), zones.map(({ id }) => id)]
    checkNames('availability zone', ZoneNames, names)
    checkNames('availability zone-id', ZoneIds, ids)
    const passes = readFilters(Filters, zoneFilters)
    const all = zones.map(
      ({ name, id }): AvailabilityZone => ({
        ZoneName: name,
        ZoneId: id,
        RegionName: region,
        State: 'available',
        OptInStatus: 'opt-in-not-required',
        GroupName: `${region}-zg-1`,
        NetworkBorderGroup: region,
        ZoneType: 'availability-zone',
        Messages: [],
      }),
    )
    const isAsked = ({ ZoneName = '', ZoneId = '' }: AvailabilityZone): boolean =>
      (ZoneNames.length === 0 || ZoneNames.includes(ZoneName)) &&
      (ZoneIds.length === 0 || ZoneIds.includes(ZoneId))
    return { AvailabilityZones: all.filter(zone => isAsked(zone) && passes(zone)) }
  },
})

interface ShownRegion {
  readonly RegionName: string
  readonly Endpoint: string
  readonly OptInStatus: string
}

const regionFilters: FilterTexts<ShownRegion> = {
  endpoint: ({ Endpoint }) => [Endpoint],
  'opt-in-status': ({ OptInStatus }) => [OptInStatus],
  'region-name': ({ RegionName }) => [RegionName],
}

/** There is one region: this server's. */
const describeRegions = reading<DescribeRegionsRequest, DescribeRegionsResult>({
  name: 'DescribeRegions',
  takes: ['RegionNames', 'AllRegions', 'Filters'],
  read: ({ RegionNames = [], Filters }, { scope: { region } }) => {
    checkNames('region names', RegionNames, [region])
    const shown: ShownRegion = {
      RegionName: region,
      Endpoint: `ec2.${region}.amazonaws.com`,
      OptInStatus: 'opt-in-not-required',
    }
    return { Regions: [shown].filter(readFilters(Filters, regionFilters)) }
  },
})

const describeAccountAttributes = reading<DescribeAccountAttributesRequest, DescribeAccountAttributesResult>({
  name: 'DescribeAccountAttributes',
  takes: ['AttributeNames'],
  read: ({ AttributeNames = [] }, { store, scope }) => {
    const [vpc] = store.where(vpcs, 'defaultOfScope', scopeKey(scope))
    const attributes: Readonly<Record<string, string>> = {
      'supported-platforms': 'VPC',
      'default-vpc': vpc ? idOf(vpc) : 'none',
      'vpc-max-security-groups-per-interface': '5',
    }
    checkNames('attribute', AttributeNames, Object.keys(attributes))
    const AccountAttributes = Object.entries(attributes)
      .filter(([name]) => AttributeNames.length === 0 || AttributeNames.some(asked => asked === name))
      .map(
        ([name, value]): AccountAttribute => ({
          AttributeName: name,
          AttributeValues: [{ AttributeValue: value }],
        }),
      )
    return { AccountAttributes }
  },
})

export const regionOperations = [describeZones, describeRegions, describeAccountAttributes]
