import { beforeEach, describe, expect, it } from 'vitest'
import { accountId, region } from '../service-endpoint.ts'
import { Elbv2Endpoint, refusal } from './elbv2-endpoint.ts'

let berth: Elbv2Endpoint
beforeEach(async () => {
  berth = await Elbv2Endpoint.start()
})

const told = async (arn: string) =>
  (await berth.elb.describeLoadBalancers({ LoadBalancerArns: [arn] })).LoadBalancers?.[0]
const arnOf = (type: string, name: string, id: string) =>
  `arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/${type}/${name}/${id}`
const gone = arnOf('app', 'gone', '0'.repeat(16))

describe('Load balancers', () => {
  it('are told as they were made, provisioning at first', async () => {
    const group = await berth.newGroup('web')
    const { LoadBalancers } = await berth.elb.createLoadBalancer({
      Name: 'web',
      Subnets: [...berth.subnetIds].reverse(),
      SecurityGroups: [group, group],
      Scheme: 'internal',
      Tags: [{ Key: 'team', Value: 'red' }],
    })
    const [made] = LoadBalancers ?? []
    expect(made).toEqual({
      LoadBalancerArn: expect.stringMatching(
        new RegExp(`^arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/app/web/[0-9a-f]{16}$`),
      ),
      DNSName: expect.stringMatching(/^internal-web-\d{10}\.us-east-1\.elb\.berth\.internal$/),
      CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
      CreatedTime: new Date(berth.clock.now()),
      LoadBalancerName: 'web',
      Scheme: 'internal',
      VpcId: berth.vpcId,
      State: { Code: 'provisioning' },
      Type: 'application',
      AvailabilityZones: berth.subnetIds.map((SubnetId, index) => ({
        ZoneName: `${region}${'abc'[index]}`,
        SubnetId,
        LoadBalancerAddresses: [],
      })),
      SecurityGroups: [group],
      IpAddressType: 'ipv4',
    })
    expect(await told(made?.LoadBalancerArn ?? '')).toEqual(made)
    expect((await berth.elb.describeLoadBalancers({ Names: ['web'] })).LoadBalancers).toEqual([made])
  })

  it('have the default security group of their VPC, and network ones none, unless others are named', async () => {
    const application = await told(await berth.newLoadBalancer())
    const { SecurityGroups } = await berth.ec2.describeSecurityGroups({ GroupNames: ['default'] })
    expect(application?.SecurityGroups).toEqual([SecurityGroups?.[0]?.GroupId])
    const arn = await berth.newLoadBalancer({ Name: 'net', Type: 'network' })
    const network = await told(arn)
    expect(arn).toContain(':loadbalancer/net/net/')
    expect(network?.SecurityGroups).toBeUndefined()
    expect(network?.DNSName).toBe(`net-${arn.slice(-16)}.elb.${region}.berth.internal`)
  })

  it('are made once when they are asked for twice, and refused under a name that is taken', async () => {
    const arn = await berth.newLoadBalancer()
    expect(await berth.newLoadBalancer()).toBe(arn)
    expect(await refusal(berth.newLoadBalancer({ Scheme: 'internal' }))).toBe(
      "DuplicateLoadBalancerNameException: A load balancer with the same name 'web' exists, but with different settings",
    )
  })

  it.each([
    [{ Name: 'x'.repeat(33) }, 'ValidationError: Load balancer name'],
    [{ Name: 'a.b' }, 'ValidationError: Load balancer name'],
    [{ Name: '-a' }, "ValidationError: Load balancer name '-a' cannot begin or end with '-'"],
    [{ Name: 'internal-a' }, 'ValidationError: Load balancer name'],
    [{ Type: 'gateway' }, "UnsupportedOperation: The load balancer type 'gateway'"],
    [{ IpAddressType: 'dualstack' }, "UnsupportedOperation: The IP address type 'dualstack'"],
    [{ CustomerOwnedIpv4Pool: 'x' }, 'UnsupportedOperation: CustomerOwnedIpv4Pool'],
    [{ IpamPools: { Ipv4IpamPoolId: 'x' } }, 'UnsupportedOperation: IpamPools'],
    [
      { Subnets: [] },
      'ValidationError: At least two subnets in two different Availability Zones must be specified',
    ],
    [
      { Subnets: ['subnet-0123456789abcdef0'] },
      "SubnetNotFoundException: The subnet ID 'subnet-0123456789abcdef0' does not exist",
    ],
    [{ SecurityGroups: ['sg-0123456789abcdef0'] }, 'InvalidSecurityGroupException: One or more security'],
    [{ Tags: [{ Key: 'a' }, { Key: 'a' }] }, 'DuplicateTagKeysException: Tag key was specified more'],
    [{ Tags: [{ Key: 'aws:a' }] }, 'ValidationError: Tag keys starting with aws:'],
    [{ SubnetMappings: [{ SubnetId: 'subnet-1' }] }, 'ValidationError: Only one of subnets or'],
  ])('are refused with %o', async (change, message) => {
    expect(await refusal(berth.newLoadBalancer(change))).toContain(message)
    expect((await berth.elb.describeLoadBalancers({})).LoadBalancers).toEqual([])
  })

  it('need subnets in zones of one VPC, with room and, to face the internet, a gateway', async () => {
    const { Vpc } = await berth.ec2.createVpc({ CidrBlock: '10.0.0.0/16' })
    const subnet = async (CidrBlock: string, zone: string): Promise<string> => {
      const made = await berth.ec2.createSubnet({
        VpcId: Vpc?.VpcId,
        CidrBlock,
        AvailabilityZone: `${region}${zone}`,
      })
      return made.Subnet?.SubnetId ?? ''
    }
    const [a = '', other = '', b = '', small = ''] = [
      await subnet('10.0.1.0/24', 'a'),
      await subnet('10.0.2.0/24', 'a'),
      await subnet('10.0.3.0/24', 'b'),
      await subnet('10.0.4.0/28', 'c'),
    ]
    expect(await refusal(berth.newLoadBalancer({ Subnets: [a, other] }))).toBe(
      'InvalidConfigurationRequestException: A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    )
    expect(await refusal(berth.newLoadBalancer({ Subnets: [a, b] }))).toBe(
      `InvalidSubnetException: VPC ${Vpc?.VpcId} has no internet gateway`,
    )
    expect(await refusal(berth.newLoadBalancer({ Subnets: [a, berth.subnetIds[1]] }))).toMatch(
      /^InvalidSubnetException: .*same VPC/,
    )
    await berth.ec2.createNetworkInterface({ SubnetId: small, SecondaryPrivateIpAddressCount: 4 })
    expect(await refusal(berth.newLoadBalancer({ Scheme: 'internal', Subnets: [a, small] }))).toBe(
      `InvalidSubnetException: Not enough IP space available in ${small}. ELB requires at least 8 free IP addresses in each subnet.`,
    )
    expect(await berth.newLoadBalancer({ Scheme: 'internal', Subnets: [a, b] })).toContain('/app/web/')
  })

  it('of the network type may have addresses of the caller in one zone', async () => {
    const [SubnetId = ''] = berth.subnetIds
    const { AllocationId, PublicIp } = await berth.ec2.allocateAddress({ Domain: 'vpc' })
    const mapping = { Subnets: undefined, Type: 'network', SubnetMappings: [{ SubnetId, AllocationId }] }
    const [zone] = (await told(await berth.newLoadBalancer(mapping)))?.AvailabilityZones ?? []
    expect(zone?.LoadBalancerAddresses).toEqual([{ IpAddress: PublicIp, AllocationId }])
    const refused = (change: object, more: object = {}) =>
      refusal(
        berth.newLoadBalancer({
          ...mapping,
          Name: 'other',
          SubnetMappings: [{ SubnetId, ...change }],
          ...more,
        }),
      )
    expect(await refused({ AllocationId: 'eipalloc-0123456789abcdef0' })).toMatch(/^AllocationIdNotFound/)
    expect(await refused({ PrivateIPv4Address: '172.31.0.9' })).toMatch(
      /^InvalidConfigurationRequest.*Private/,
    )
    expect(await refused({ PrivateIPv4Address: '10.0.0.9' }, { Scheme: 'internal' })).toMatch(/not within/)
    const { NetworkInterface } = await berth.ec2.createNetworkInterface({ SubnetId })
    const PrivateIPv4Address = NetworkInterface?.PrivateIpAddress
    expect(await refused({ PrivateIPv4Address }, { Scheme: 'internal' })).toMatch(/is not available/)
    expect(await refused({ AllocationId }, { Type: 'application' })).toMatch(/Elastic IPs are not supported/)
  })

  it('are listed in pages', async () => {
    for (const Name of ['a', 'b', 'c']) await berth.newLoadBalancer({ Name })
    const first = await berth.elb.describeLoadBalancers({ PageSize: 2 })
    const second = await berth.elb.describeLoadBalancers({ PageSize: 2, Marker: first.NextMarker })
    expect(
      [...(first.LoadBalancers ?? []), ...(second.LoadBalancers ?? [])].map(row => row.LoadBalancerName),
    ).toEqual(['a', 'b', 'c'])
    expect(second.NextMarker).toBeUndefined()
    expect(await refusal(berth.elb.describeLoadBalancers({ PageSize: 401 }))).toMatch(
      /^ValidationError: 1 validation error detected: Value '401' at 'pageSize'/,
    )
    expect(await refusal(berth.elb.describeLoadBalancers({ Marker: 'x' }))).toMatch(/^ValidationError/)
  })

  it('are refused under ARNs and names that are wrong or gone', async () => {
    const describe = (input: object) => refusal(berth.elb.describeLoadBalancers(input))
    expect(await describe({ LoadBalancerArns: [gone] })).toBe(
      'LoadBalancerNotFoundException: One or more load balancers not found',
    )
    expect(await describe({ LoadBalancerArns: ['x'] })).toBe(
      "ValidationError: 'x' is not a valid load balancer ARN",
    )
    expect(await describe({ Names: ['gone'] })).toBe(
      "LoadBalancerNotFoundException: Load balancers '[gone]' not found",
    )
    expect(await describe({ Names: ['gone'], LoadBalancerArns: [gone] })).toMatch(/^ValidationError/)
  })

  it('are deleted, also twice, unless they are protected', async () => {
    const LoadBalancerArn = await berth.newLoadBalancer()
    const protect = (Value: string) =>
      berth.elb.modifyLoadBalancerAttributes({
        LoadBalancerArn,
        Attributes: [{ Key: 'deletion_protection.enabled', Value }],
      })
    await protect('true')
    expect(await refusal(berth.elb.deleteLoadBalancer({ LoadBalancerArn }))).toBe(
      `OperationNotPermittedException: Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
    )
    await protect('false')
    await berth.elb.deleteLoadBalancer({ LoadBalancerArn })
    await berth.elb.deleteLoadBalancer({ LoadBalancerArn })
    expect((await berth.elb.describeLoadBalancers({})).LoadBalancers).toEqual([])
    expect(await refusal(berth.elb.deleteLoadBalancer({ LoadBalancerArn: 'x' }))).toMatch(/^ValidationError/)
  })

  it('move to other subnets and security groups', async () => {
    const LoadBalancerArn = await berth.newLoadBalancer({ Subnets: berth.subnetIds.slice(0, 2) })
    const { AvailabilityZones } = await berth.elb.setSubnets({
      LoadBalancerArn,
      SubnetMappings: berth.subnetIds.slice(1).map(SubnetId => ({ SubnetId })),
    })
    expect(AvailabilityZones).toMatchObject(berth.subnetIds.slice(1).map(SubnetId => ({ SubnetId })))
    const group = await berth.newGroup('web')
    expect(await berth.elb.setSecurityGroups({ LoadBalancerArn, SecurityGroups: [group] })).toMatchObject({
      SecurityGroupIds: [group],
    })
    expect(await told(LoadBalancerArn)).toMatchObject({ AvailabilityZones, SecurityGroups: [group] })
    expect(await refusal(berth.elb.setSecurityGroups({ LoadBalancerArn, SecurityGroups: [] }))).toMatch(
      /^ValidationError/,
    )
    expect(await berth.elb.setIpAddressType({ LoadBalancerArn, IpAddressType: 'ipv4' })).toMatchObject({
      IpAddressType: 'ipv4',
    })
  })

  it('of the network type get security groups only if they were made with some', async () => {
    const group = await berth.newGroup('web')
    const open = await berth.newLoadBalancer({ Type: 'network' })
    const set = (LoadBalancerArn: string, more: object = {}) =>
      berth.elb.setSecurityGroups({ LoadBalancerArn, SecurityGroups: [group], ...more })
    expect(await refusal(set(open))).toMatch(
      /^InvalidConfigurationRequestException: Security groups cannot be/,
    )
    const filtered = await berth.newLoadBalancer({ Name: 'x', Type: 'network', SecurityGroups: [group] })
    const off = { EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: 'off' }
    expect(await set(filtered, off)).toMatchObject(off)
    expect(await told(filtered)).toMatchObject(off)
  })
})

describe('Attributes of load balancers', () => {
  const modify = (LoadBalancerArn: string, ...pairs: readonly [string, string][]) =>
    berth.elb.modifyLoadBalancerAttributes({
      LoadBalancerArn,
      Attributes: pairs.map(([Key, Value]) => ({ Key, Value })),
    })
  const attributes = async (LoadBalancerArn: string) => {
    const { Attributes = [] } = await berth.elb.describeLoadBalancerAttributes({ LoadBalancerArn })
    return Object.fromEntries(Attributes.map(({ Key, Value }) => [Key, Value]))
  }

  it('have the defaults of their type', async () => {
    expect(await attributes(await berth.newLoadBalancer())).toEqual({
      'access_logs.s3.bucket': '',
      'access_logs.s3.enabled': 'false',
      'access_logs.s3.prefix': '',
      'client_keep_alive.seconds': '3600',
      'connection_logs.s3.bucket': '',
      'connection_logs.s3.enabled': 'false',
      'connection_logs.s3.prefix': '',
      'deletion_protection.enabled': 'false',
      'health_check_logs.s3.bucket': '',
      'health_check_logs.s3.enabled': 'false',
      'health_check_logs.s3.prefix': '',
      'idle_timeout.timeout_seconds': '60',
      'ipv6.deny_all_igw_traffic': 'false',
      'load_balancing.cross_zone.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'defensive',
      'routing.http.drop_invalid_header_fields.enabled': 'false',
      'routing.http.preserve_host_header.enabled': 'false',
      'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
      'routing.http.xff_client_port.enabled': 'false',
      'routing.http.xff_header_processing.mode': 'append',
      'routing.http2.enabled': 'true',
      'waf.fail_open.enabled': 'false',
      'zonal_shift.config.enabled': 'false',
    })
    expect(await attributes(await berth.newLoadBalancer({ Name: 'net', Type: 'network' }))).toEqual({
      'access_logs.s3.bucket': '',
      'access_logs.s3.enabled': 'false',
      'access_logs.s3.prefix': '',
      'deletion_protection.enabled': 'false',
      'dns_record.client_routing_policy': 'any_availability_zone',
      'ipv6.deny_all_igw_traffic': 'false',
      'load_balancing.cross_zone.enabled': 'false',
      'secondary_ips.auto_assigned.per_subnet': '0',
      'zonal_shift.config.enabled': 'false',
    })
  })

  it('are changed, and told whole', async () => {
    const arn = await berth.newLoadBalancer()
    const { Attributes } = await modify(arn, ['idle_timeout.timeout_seconds', '4000'])
    expect(Attributes).toHaveLength(23)
    expect(await attributes(arn)).toMatchObject({ 'idle_timeout.timeout_seconds': '4000' })
  })

  it.each([
    [['x', 'y'], "ValidationError: Load balancer attribute key 'x' is not recognized"],
    [['__proto__', 'y'], "ValidationError: Load balancer attribute key '__proto__' is not recognized"],
    [
      ['idle_timeout.timeout_seconds', '0'],
      "ValidationError: 'idle_timeout.timeout_seconds' value '0' must be between '1-4000' inclusive",
    ],
    [['deletion_protection.enabled', 'yes'], 'ValidationError'],
    [['dns_record.client_routing_policy', 'any_availability_zone'], 'InvalidConfigurationRequestException'],
    [['access_logs.s3.enabled', 'true'], "UnsupportedOperation: access_logs.s3.enabled 'true'"],
    [['load_balancing.cross_zone.enabled', 'false'], 'UnsupportedOperation'],
    [['routing.http.desync_mitigation_mode', 'monitor'], 'UnsupportedOperation'],
  ] as const)('are refused as %o, and nothing of the request is done', async (pair, message) => {
    const arn = await berth.newLoadBalancer()
    expect(await refusal(modify(arn, ['routing.http2.enabled', 'false'], [...pair]))).toContain(message)
    expect(await attributes(arn)).toMatchObject({ 'routing.http2.enabled': 'true' })
  })
})

describe('Tags of load balancers', () => {
  it('are added, taken off and told', async () => {
    const arn = await berth.newLoadBalancer({ Tags: [{ Key: 'a', Value: '1' }] })
    const group = await berth.newTargetGroup()
    await berth.elb.addTags({ ResourceArns: [arn, group], Tags: [{ Key: 'b', Value: '2' }, { Key: 'c' }] })
    await berth.elb.removeTags({ ResourceArns: [arn], TagKeys: ['a', 'c', 'x'] })
    const { TagDescriptions } = await berth.elb.describeTags({ ResourceArns: [arn, group] })
    expect(TagDescriptions).toEqual([
      { ResourceArn: arn, Tags: [{ Key: 'b', Value: '2' }] },
      {
        ResourceArn: group,
        Tags: [
          { Key: 'b', Value: '2' },
          { Key: 'c', Value: '' },
        ],
      },
    ])
  })

  it('are refused where there are too many, and for what is not there', async () => {
    const arn = await berth.newLoadBalancer()
    const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}` }))
    const add = (input: object) => refusal(berth.elb.addTags({ ResourceArns: [arn], Tags, ...input }))
    expect(await add({})).toMatch(/^TooManyTagsException/)
    expect(await add({ ResourceArns: [gone] })).toMatch(/^LoadBalancerNotFound/)
    expect(await add({ ResourceArns: ['x'] })).toMatch(/^ValidationError/)
    expect(await refusal(berth.elb.describeTags({ ResourceArns: Array(21).fill(arn) }))).toMatch(
      /^ValidationError/,
    )
  })
})

it('Limits are told', async () => {
  const { Limits } = await berth.elb.describeAccountLimits({ PageSize: 400 })
  expect(Limits).toContainEqual({ Name: 'condition-values-per-alb-rule', Max: '5' })
})

it('Nobody reserves capacity', async () => {
  const LoadBalancerArn = await berth.newLoadBalancer()
  expect(await berth.elb.describeCapacityReservation({ LoadBalancerArn })).toMatchObject({
    CapacityReservationState: [],
  })
  expect(await refusal(berth.elb.modifyCapacityReservation({ LoadBalancerArn }))).toBe(
    'UnsupportedOperation: ModifyCapacityReservation is not supported by Berth yet.',
  )
})
