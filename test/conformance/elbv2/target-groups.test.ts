import { beforeEach, describe, expect, it } from 'vitest'
import { accountId, region } from '../service-endpoint.ts'
import { Elbv2Endpoint, instanceId, refusal } from './elbv2-endpoint.ts'

let berth: Elbv2Endpoint
beforeEach(async () => {
  berth = await Elbv2Endpoint.start()
})

const told = async (arn: string) =>
  (await berth.elb.describeTargetGroups({ TargetGroupArns: [arn] })).TargetGroups?.[0]
const gone = `arn:aws:elasticloadbalancing:${region}:${accountId}:targetgroup/gone/${'0'.repeat(16)}`

const usual = {
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: 30,
  HealthyThresholdCount: 5,
  UnhealthyThresholdCount: 2,
  IpAddressType: 'ipv4',
  LoadBalancerArns: [],
}
const web = { HealthCheckProtocol: 'HTTP', HealthCheckPath: '/', Matcher: { HttpCode: '200' } }

describe('Target groups', () => {
  it.each([
    [{}, { ...usual, ...web, HealthCheckTimeoutSeconds: 5, ProtocolVersion: 'HTTP1' }],
    [{ Protocol: 'HTTPS' }, { ...usual, ...web, HealthCheckTimeoutSeconds: 5, ProtocolVersion: 'HTTP1' }],
    [
      { ProtocolVersion: 'GRPC' },
      {
        ...usual,
        HealthCheckProtocol: 'HTTP',
        HealthCheckPath: '/AWS.ALB/healthcheck',
        Matcher: { GrpcCode: '12' },
        HealthCheckTimeoutSeconds: 5,
        ProtocolVersion: 'GRPC',
      },
    ],
    [{ Protocol: 'TCP' }, { ...usual, HealthCheckProtocol: 'TCP', HealthCheckTimeoutSeconds: 10 }],
    [{ Protocol: 'UDP' }, { ...usual, HealthCheckProtocol: 'TCP', HealthCheckTimeoutSeconds: 10 }],
    [
      { Protocol: 'TLS', HealthCheckProtocol: 'HTTP' },
      { ...usual, ...web, Matcher: { HttpCode: '200-399' }, HealthCheckTimeoutSeconds: 6 },
    ],
    [
      { Protocol: 'TCP_UDP', HealthCheckProtocol: 'HTTPS', HealthCheckPort: '8080' },
      {
        ...usual,
        ...web,
        HealthCheckProtocol: 'HTTPS',
        Matcher: { HttpCode: '200-399' },
        HealthCheckTimeoutSeconds: 10,
        HealthCheckPort: '8080',
      },
    ],
  ])('with %o have the defaults of their protocol', async (change, expected) => {
    const arn = await berth.newTargetGroup({ ...change, TargetType: undefined })
    expect(arn).toMatch(
      new RegExp(`^arn:aws:elasticloadbalancing:${region}:${accountId}:targetgroup/blue/[0-9a-f]{16}$`),
    )
    expect(await told(arn)).toEqual({
      TargetGroupArn: arn,
      TargetGroupName: 'blue',
      TargetType: 'instance',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: berth.vpcId,
      ...change,
      ...expected,
    })
  })

  it('may be asked for with an empty protocol version, as Terraform does', async () => {
    const arn = await berth.newTargetGroup({ ProtocolVersion: '' })
    expect(await told(arn)).toMatchObject({ ProtocolVersion: 'HTTP1' })
    const tcp = await berth.newTargetGroup({ Name: 'tcp', Protocol: 'TCP', ProtocolVersion: '' })
    expect(await told(tcp)).not.toHaveProperty('ProtocolVersion')
  })

  it('are made once when they are asked for twice, and refused under a name that is taken', async () => {
    const arn = await berth.newTargetGroup()
    expect(await berth.newTargetGroup()).toBe(arn)
    expect(await refusal(berth.newTargetGroup({ Port: 81 }))).toBe(
      "DuplicateTargetGroupNameException: A target group with the same name 'blue' exists, but with different settings",
    )
  })

  it.each([
    [
      { Name: 'a_b' },
      "ValidationError: Target group name 'a_b' can only contain characters that are alphanumeric characters or hyphens(-)",
    ],
    [{ Protocol: undefined }, 'ValidationError: A protocol must be specified'],
    [{ Protocol: 'GENEVE' }, "UnsupportedOperation: The protocol 'GENEVE'"],
    [{ Protocol: 'QUIC' }, "UnsupportedOperation: The protocol 'QUIC'"],
    [{ TargetType: 'lambda' }, "UnsupportedOperation: The target type 'lambda'"],
    [{ TargetType: 'alb' }, "UnsupportedOperation: The target type 'alb'"],
    [{ IpAddressType: 'ipv6' }, "UnsupportedOperation: The IP address type 'ipv6'"],
    [{ TargetControlPort: 3000 }, 'UnsupportedOperation: TargetControlPort'],
    [{ Port: undefined }, 'ValidationError: A port must be specified'],
    [{ Port: 65_536 }, "ValidationError: 1 validation error detected: Value '65536' at 'port'"],
    [{ VpcId: undefined }, 'ValidationError: A VPC ID must be specified'],
    [{ VpcId: 'vpc-1' }, "ValidationError: The VPC ID 'vpc-1' is not found"],
    [{ ProtocolVersion: 'HTTP3' }, "ValidationError: Protocol version 'HTTP3'"],
    [{ Protocol: 'TCP', ProtocolVersion: 'HTTP1' }, 'InvalidConfigurationRequestException: Protocol version'],
    [{ HealthCheckProtocol: 'TCP' }, "InvalidConfigurationRequestException: Health check protocol 'TCP'"],
    [{ HealthCheckProtocol: 'UDP' }, "ValidationError: Health check protocol 'UDP'"],
    [{ HealthCheckPort: '0' }, "ValidationError: Health check port '0'"],
    [{ HealthCheckPath: 'x' }, "ValidationError: Health check path 'x'"],
    [{ HealthCheckEnabled: false }, 'InvalidConfigurationRequestException: Health check enabled'],
    [{ HealthCheckIntervalSeconds: 4 }, "ValidationError: 1 validation error detected: Value '4'"],
    [{ HealthCheckTimeoutSeconds: 30 }, 'ValidationError: Health check interval must be greater than the'],
    [{ HealthyThresholdCount: 11 }, "ValidationError: 1 validation error detected: Value '11'"],
    [{ Matcher: { HttpCode: '500' } }, "ValidationError: Health check matcher HTTP code '500'"],
    [{ Matcher: { HttpCode: '200-' } }, 'ValidationError'],
    [{ Matcher: { GrpcCode: '0' } }, 'InvalidConfigurationRequestException: You must specify an HTTP code'],
    [{ Protocol: 'TCP', HealthCheckPath: '/' }, 'InvalidConfigurationRequestException: Health check paths'],
  ])('are refused with %o', async (change, message) => {
    expect(await refusal(berth.newTargetGroup(change))).toContain(message)
    expect((await berth.elb.describeTargetGroups({})).TargetGroups).toEqual([])
  })

  it('have their health check modified', async () => {
    const TargetGroupArn = await berth.newTargetGroup()
    const change = {
      HealthCheckPath: '/health',
      HealthCheckPort: '9000',
      HealthCheckIntervalSeconds: 10,
      HealthyThresholdCount: 2,
      Matcher: { HttpCode: '200-204,301' },
    }
    const { TargetGroups } = await berth.elb.modifyTargetGroup({ TargetGroupArn, ...change })
    expect(TargetGroups).toMatchObject([{ ...change, HealthCheckTimeoutSeconds: 5 }])
    const { TargetGroups: again } = await berth.elb.modifyTargetGroup({
      TargetGroupArn,
      HealthCheckPort: 'traffic-port',
    })
    expect(again).toMatchObject([{ HealthCheckPort: 'traffic-port', HealthCheckPath: '/health' }])
    expect(
      await refusal(berth.elb.modifyTargetGroup({ TargetGroupArn, HealthCheckIntervalSeconds: 5 })),
    ).toMatch(/^ValidationError: Health check interval/)
  })

  it('are found by ARN, name, or the pages of all of them', async () => {
    const arns = [await berth.newTargetGroup({ Name: 'a' }), await berth.newTargetGroup({ Name: 'b' })]
    const named = await berth.elb.describeTargetGroups({ Names: ['b'] })
    expect(named.TargetGroups?.map(group => group.TargetGroupArn)).toEqual(arns.slice(1))
    const { TargetGroups, NextMarker } = await berth.elb.describeTargetGroups({ PageSize: 1 })
    expect(TargetGroups).toMatchObject([{ TargetGroupName: 'a' }])
    const rest = await berth.elb.describeTargetGroups({ PageSize: 1, Marker: NextMarker })
    expect(rest.TargetGroups).toMatchObject([{ TargetGroupName: 'b' }])
    const describe = (input: object) => refusal(berth.elb.describeTargetGroups(input))
    expect(await describe({ Names: ['x'] })).toBe(
      'TargetGroupNotFoundException: One or more target groups not found',
    )
    expect(await describe({ TargetGroupArns: [gone] })).toMatch(/^TargetGroupNotFound/)
    expect(await describe({ TargetGroupArns: ['x'] })).toBe(
      "ValidationError: 'x' is not a valid target group ARN",
    )
    expect(await describe({ Names: ['a'], TargetGroupArns: arns })).toMatch(/^ValidationError/)
  })

  it('are deleted, also twice', async () => {
    const TargetGroupArn = await berth.newTargetGroup()
    await berth.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '172.31.0.9' }] })
    await berth.elb.deleteTargetGroup({ TargetGroupArn })
    await berth.elb.deleteTargetGroup({ TargetGroupArn })
    expect((await berth.elb.describeTargetGroups({})).TargetGroups).toEqual([])
  })
})

describe('Attributes of target groups', () => {
  const attributes = async (TargetGroupArn: string) => {
    const { Attributes = [] } = await berth.elb.describeTargetGroupAttributes({ TargetGroupArn })
    return Object.fromEntries(Attributes.map(({ Key, Value }) => [Key, Value]))
  }
  const modify = (TargetGroupArn: string, values: Readonly<Record<string, string>>) =>
    berth.elb.modifyTargetGroupAttributes({
      TargetGroupArn,
      Attributes: Object.entries(values).map(([Key, Value]) => ({ Key, Value })),
    })
  const shared = {
    'deregistration_delay.timeout_seconds': '300',
    'stickiness.enabled': 'false',
    'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
    'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
    'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
  }

  it('have the defaults of their protocol and type', async () => {
    expect(await attributes(await berth.newTargetGroup())).toEqual({
      ...shared,
      'stickiness.type': 'lb_cookie',
      'load_balancing.algorithm.type': 'round_robin',
      'load_balancing.algorithm.anomaly_mitigation': 'off',
      'slow_start.duration_seconds': '0',
      'stickiness.app_cookie.cookie_name': '',
      'stickiness.app_cookie.duration_seconds': '86400',
      'stickiness.lb_cookie.duration_seconds': '86400',
    })
    const tcp = {
      ...shared,
      'stickiness.type': 'source_ip',
      'deregistration_delay.connection_termination.enabled': 'false',
      'preserve_client_ip.enabled': 'false',
      'proxy_protocol_v2.enabled': 'false',
      'target_health_state.unhealthy.connection_termination.enabled': 'true',
      'target_health_state.unhealthy.draining_interval_seconds': '0',
    }
    expect(await attributes(await berth.newTargetGroup({ Name: 'tcp', Protocol: 'TCP' }))).toEqual(tcp)
    const instances = { Name: 'i', Protocol: 'TCP', TargetType: 'instance' }
    expect(await attributes(await berth.newTargetGroup(instances))).toEqual({
      ...tcp,
      'preserve_client_ip.enabled': 'true',
    })
    expect(await attributes(await berth.newTargetGroup({ Name: 'udp', Protocol: 'UDP' }))).toEqual({
      ...tcp,
      'deregistration_delay.connection_termination.enabled': 'true',
      'preserve_client_ip.enabled': 'true',
      'target_health_state.unhealthy.connection_termination.enabled': 'false',
    })
  })

  it('are changed, and told whole', async () => {
    const arn = await berth.newTargetGroup()
    const values = {
      'stickiness.enabled': 'true',
      'stickiness.type': 'app_cookie',
      'stickiness.app_cookie.cookie_name': 'SESSION',
      'deregistration_delay.timeout_seconds': '0',
    }
    expect((await modify(arn, values)).Attributes).toHaveLength(14)
    expect(await attributes(arn)).toMatchObject(values)
  })

  it('are taken as they are by default, and where Berth does what they say', async () => {
    const instances = await berth.newTargetGroup({ Name: 'i', Protocol: 'TCP', TargetType: 'instance' })
    const values = { 'preserve_client_ip.enabled': 'false', 'load_balancing.cross_zone.enabled': 'true' }
    await modify(instances, values)
    expect(await attributes(instances)).toMatchObject(values)
    await modify(instances, { 'preserve_client_ip.enabled': 'true' })
    expect(await attributes(instances)).toMatchObject({ 'preserve_client_ip.enabled': 'true' })
  })

  it.each([
    [{}, { x: 'y' }, "ValidationError: Target group attribute key 'x' is not recognized"],
    [{}, { 'deregistration_delay.timeout_seconds': '3601' }, 'ValidationError'],
    [{}, { 'slow_start.duration_seconds': '29' }, 'ValidationError'],
    [
      {},
      { 'stickiness.type': 'source_ip' },
      "InvalidConfigurationRequestException: Stickiness type 'source_ip'",
    ],
    [
      {},
      { 'stickiness.enabled': 'true', 'stickiness.type': 'app_cookie' },
      'InvalidConfigurationRequestException: You must specify an application cookie name',
    ],
    [{}, { 'stickiness.app_cookie.cookie_name': 'AWSALBX' }, "ValidationError: 'AWSALBX' is not a valid"],
    [
      {},
      { 'slow_start.duration_seconds': '30', 'load_balancing.algorithm.type': 'weighted_random' },
      'InvalidConfigurationRequestException: Slow start',
    ],
    [{}, { 'proxy_protocol_v2.enabled': 'true' }, 'InvalidConfigurationRequestException: Target group attr'],
    [{}, { 'load_balancing.algorithm.anomaly_mitigation': 'on' }, 'UnsupportedOperation'],
    [{}, { 'load_balancing.cross_zone.enabled': 'false' }, 'UnsupportedOperation'],
    [
      {},
      { 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': '50' },
      'UnsupportedOperation',
    ],
    [{ Protocol: 'TCP' }, { 'preserve_client_ip.enabled': 'true' }, 'UnsupportedOperation'],
    [{ Protocol: 'TCP' }, { 'stickiness.type': 'lb_cookie' }, 'InvalidConfigurationRequestException'],
    [{ Protocol: 'UDP' }, { 'preserve_client_ip.enabled': 'false' }, 'InvalidConfigurationRequestException'],
    [
      { Protocol: 'UDP' },
      { 'target_health_state.unhealthy.connection_termination.enabled': 'true' },
      'InvalidConfigurationRequestException',
    ],
  ])('of %o are refused with %o', async (group, values, message) => {
    const arn = await berth.newTargetGroup(group)
    const before = await attributes(arn)
    expect(await refusal(modify(arn, values as Record<string, string>))).toContain(message)
    expect(await attributes(arn)).toEqual(before)
  })
})

describe('Targets', () => {
  const health = async (TargetGroupArn: string, Targets?: { Id: string; Port?: number }[]) =>
    (await berth.elb.describeTargetHealth({ TargetGroupArn, Targets })).TargetHealthDescriptions
  const notInUse = {
    State: 'unused',
    Reason: 'Target.NotInUse',
    Description: 'Target group is not configured to receive traffic from the load balancer',
  }

  it('that are addresses are in the zone of their subnet, and unused at first', async () => {
    const TargetGroupArn = await berth.newTargetGroup()
    await berth.elb.registerTargets({
      TargetGroupArn,
      Targets: [
        { Id: '172.31.0.9' },
        { Id: '172.31.0.9', Port: 81 },
        { Id: '10.9.9.9', AvailabilityZone: 'all' },
      ],
    })
    await berth.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '172.31.0.9' }] })
    expect(await health(TargetGroupArn)).toEqual([
      {
        Target: { Id: '10.9.9.9', Port: 80, AvailabilityZone: 'all' },
        HealthCheckPort: '80',
        TargetHealth: notInUse,
      },
      {
        Target: { Id: '172.31.0.9', Port: 80, AvailabilityZone: `${region}a` },
        HealthCheckPort: '80',
        TargetHealth: notInUse,
      },
      {
        Target: { Id: '172.31.0.9', Port: 81, AvailabilityZone: `${region}a` },
        HealthCheckPort: '81',
        TargetHealth: notInUse,
      },
    ])
  })

  it('that are instances are hosts', async () => {
    const TargetGroupArn = await berth.newTargetGroup({ TargetType: 'instance', HealthCheckPort: '9' })
    await berth.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: instanceId, Port: 8080 }] })
    expect(await health(TargetGroupArn)).toEqual([
      { Target: { Id: instanceId, Port: 8080 }, HealthCheckPort: '9', TargetHealth: notInUse },
    ])
    const register = (target: object) =>
      refusal(berth.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: instanceId, ...target }] }))
    const other = 'i-0123456789abcdef1'
    expect(await register({ Id: other })).toBe(
      `InvalidTargetException: The following targets are not in a running state and cannot be registered: '${other}'`,
    )
    expect(await register({ Id: '10.0.0.1' })).toBe("ValidationError: Instance ID '10.0.0.1' is not valid")
    expect(await register({ AvailabilityZone: 'all' })).toMatch(/^ValidationError/)
    expect(await register({ QuicServerId: '0x0123456789abcdef' })).toMatch(/^UnsupportedOperation/)
    expect(await register({ Port: 0 })).toMatch(/^ValidationError/)
  })

  it.each([
    [{ Id: '8.8.8.8', AvailabilityZone: 'all' }, 'InvalidTargetException'],
    [{ Id: 'x', AvailabilityZone: 'all' }, 'InvalidTargetException'],
    [{ Id: '10.9.9.9' }, 'ValidationError'],
    [{ Id: '10.9.9.9', AvailabilityZone: 'mars-1a' }, 'AvailabilityZoneNotSupportedException'],
  ])('are refused as %o, and none of the request is registered', async (target, code) => {
    const TargetGroupArn = await berth.newTargetGroup()
    const Targets = [{ Id: '172.31.0.9' }, target]
    expect((await refusal(berth.elb.registerTargets({ TargetGroupArn, Targets }))).split(':')[0]).toBe(code)
    expect(await health(TargetGroupArn)).toEqual([])
  })

  it('of a group that nothing uses are gone at once when they are deregistered', async () => {
    const TargetGroupArn = await berth.newTargetGroup()
    await berth.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '172.31.0.9', Port: 81 }] })
    await berth.elb.deregisterTargets({ TargetGroupArn, Targets: [{ Id: '172.31.0.9' }] })
    expect(await health(TargetGroupArn)).toHaveLength(1)
    await berth.elb.deregisterTargets({ TargetGroupArn, Targets: [{ Id: '172.31.0.9', Port: 81 }] })
    expect(await health(TargetGroupArn)).toEqual([])
    expect(await health(TargetGroupArn, [{ Id: '172.31.0.9' }])).toEqual([
      {
        Target: { Id: '172.31.0.9' },
        TargetHealth: {
          State: 'unused',
          Reason: 'Target.NotRegistered',
          Description: 'Target is not registered to the target group',
        },
      },
    ])
  })

  it('may be 1,000 of a group', async () => {
    const TargetGroupArn = await berth.newTargetGroup()
    const Targets = Array.from({ length: 1_001 }, (_, index) => ({ Id: '172.31.0.9', Port: index + 1 }))
    expect(await refusal(berth.elb.registerTargets({ TargetGroupArn, Targets }))).toMatch(/^TooManyTargets/)
    await berth.elb.registerTargets({ TargetGroupArn, Targets: Targets.slice(1) })
    expect(await health(TargetGroupArn)).toHaveLength(1_000)
  })

  it('are told with what is known of anomalies when that is asked for', async () => {
    const TargetGroupArn = await berth.newTargetGroup()
    await berth.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '172.31.0.9' }] })
    const { TargetHealthDescriptions } = await berth.elb.describeTargetHealth({
      TargetGroupArn,
      Include: ['AnomalyDetection'],
    })
    expect(TargetHealthDescriptions).toMatchObject([
      { AnomalyDetection: { Result: 'normal', MitigationInEffect: 'no' } },
    ])
  })
})
