import { beforeEach, describe, expect, it } from 'vitest'
import { rules } from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { accountId, region } from '../service-endpoint.ts'
import { certificates, Elbv2Endpoint, forward, https, ok, pending, refusal } from './elbv2-endpoint.ts'

const [one = '', two = '', three = ''] = certificates

let berth: Elbv2Endpoint
let LoadBalancerArn: string
let blue: string
let create: (change?: object) => ReturnType<Elbv2Endpoint['createListener']>
beforeEach(async () => {
  berth = await Elbv2Endpoint.start()
  LoadBalancerArn = await berth.newLoadBalancer()
  blue = await berth.newTargetGroup()
  create = (change = {}) =>
    berth.createListener({ LoadBalancerArn, DefaultActions: [forward(blue)], ...change })
})
const newListener = async (change: object = {}): Promise<string> => (await create(change))?.ListenerArn ?? ''

const told = async (arn: string) =>
  (await berth.elb.describeListeners({ ListenerArns: [arn] })).Listeners?.[0]
const newNetwork = () => berth.newLoadBalancer({ Name: 'net', Type: 'network' })

describe('Listeners', () => {
  it('forward to a target group, which is in use then', async () => {
    const listener = await create()
    expect(listener).toEqual({
      ListenerArn: expect.stringMatching(
        new RegExp(`^${LoadBalancerArn.replace('loadbalancer', 'listener')}/[0-9a-f]{16}$`),
      ),
      LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [
        {
          Type: 'forward',
          TargetGroupArn: blue,
          Order: 1,
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn: blue, Weight: 1 }],
            TargetGroupStickinessConfig: { Enabled: false },
          },
        },
      ],
    })
    expect(await told(listener?.ListenerArn ?? '')).toEqual(listener)
    expect((await berth.elb.describeListeners({ LoadBalancerArn })).Listeners).toEqual([listener])
    const { TargetGroups } = await berth.elb.describeTargetGroups({ LoadBalancerArn })
    expect(TargetGroups).toMatchObject([{ TargetGroupArn: blue, LoadBalancerArns: [LoadBalancerArn] }])
    expect(await refusal(berth.elb.deleteTargetGroup({ TargetGroupArn: blue }))).toBe(
      `ResourceInUseException: Target group '${blue}' is currently in use by a listener or a rule`,
    )
  })

  it('make targets initial, and deregistered ones draining', async () => {
    await berth.elb.registerTargets({ TargetGroupArn: blue, Targets: [{ Id: '172.31.0.9' }] })
    await create()
    const health = async () => {
      const { TargetHealthDescriptions } = await berth.elb.describeTargetHealth({ TargetGroupArn: blue })
      return TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth)
    }
    expect(await health()).toEqual([
      {
        State: 'initial',
        Reason: 'Elb.RegistrationInProgress',
        Description: 'Target registration is in progress',
      },
    ])
    await berth.elb.deregisterTargets({ TargetGroupArn: blue, Targets: [{ Id: '172.31.0.9' }] })
    expect(await health()).toEqual([
      {
        State: 'draining',
        Reason: 'Target.DeregistrationInProgress',
        Description: 'Target deregistration is in progress',
      },
    ])
    await berth.elb.registerTargets({ TargetGroupArn: blue, Targets: [{ Id: '172.31.0.9' }] })
    expect(await health()).toMatchObject([{ State: 'initial' }])
  })

  it('have the zones of their load balancer: targets in others are not in use', async () => {
    const [first = ''] = berth.subnetIds
    const arn = await berth.newLoadBalancer({ Name: 'net', Type: 'network', Subnets: [first] })
    const tcp = await berth.newTargetGroup({ Name: 'tcp', Protocol: 'TCP' })
    await create({ LoadBalancerArn: arn, Protocol: 'TCP', DefaultActions: [forward(tcp)] })
    await berth.elb.registerTargets({ TargetGroupArn: tcp, Targets: [{ Id: '172.31.16.9' }] })
    const health = async () => {
      const { TargetHealthDescriptions } = await berth.elb.describeTargetHealth({ TargetGroupArn: tcp })
      return TargetHealthDescriptions?.[0]?.TargetHealth
    }
    expect(await health()).toEqual({
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
    })
    await berth.elb.modifyLoadBalancerAttributes({
      LoadBalancerArn: arn,
      Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }],
    })
    expect(await health()).toMatchObject({ State: 'initial' })
  })

  it('are made once when they are asked for twice, and refused on a port that is taken', async () => {
    const arn = await newListener()
    expect(await newListener()).toBe(arn)
    expect(await refusal(create({ DefaultActions: [ok] }))).toBe(
      `DuplicateListenerException: A listener already exists on this port for this load balancer '${LoadBalancerArn}'`,
    )
    const other = await newListener({ Port: 81, DefaultActions: [ok] })
    expect(await refusal(berth.elb.modifyListener({ ListenerArn: other, Port: 80 }))).toMatch(
      /^DuplicateListener/,
    )
  })

  it('of HTTPS have a policy, a certificate and mutual authentication', async () => {
    expect(await create(https)).toMatchObject({
      SslPolicy: 'ELBSecurityPolicy-2016-08',
      Certificates: [{ CertificateArn: one }],
      MutualAuthentication: { Mode: 'off' },
    })
    const SslPolicy = 'ELBSecurityPolicy-TLS13-1-2-2021-06'
    const change = { Port: 444, SslPolicy, MutualAuthentication: { Mode: 'passthrough' } }
    expect(await create({ ...https, ...change })).toMatchObject(change)
  })

  it('of TLS have a policy for ALPN', async () => {
    const tls = await berth.newTargetGroup({ Name: 'tls', Protocol: 'TLS' })
    const listener = { ...https, LoadBalancerArn: await newNetwork(), Protocol: 'TLS' }
    const DefaultActions = [forward(tls)]
    const made = await create({ ...listener, DefaultActions, AlpnPolicy: ['HTTP2Preferred'] })
    expect(made).toMatchObject({ AlpnPolicy: ['HTTP2Preferred'], SslPolicy: 'ELBSecurityPolicy-2016-08' })
    const modify = (AlpnPolicy: string[]) =>
      berth.elb.modifyListener({ ListenerArn: made?.ListenerArn, AlpnPolicy })
    expect(await refusal(modify(['x']))).toMatch(/^ALPNPolicyNotSupportedException: /)
    expect(await refusal(modify(['None', 'HTTP1Only']))).toMatch(/^ValidationError/)
    expect((await modify(['None'])).Listeners).toMatchObject([{ AlpnPolicy: ['None'] }])
  })

  it.each([
    [{ Protocol: undefined }, 'ValidationError: A protocol must be specified'],
    [{ Protocol: 'TCP' }, "ValidationError: Protocol 'TCP' must be one of 'HTTP, HTTPS'"],
    [{ Protocol: 'QUIC' }, "UnsupportedOperation: The protocol 'QUIC'"],
    [{ Port: undefined }, 'ValidationError: A port must be specified'],
    [{ Port: 0 }, "ValidationError: 1 validation error detected: Value '0' at 'port'"],
    [{ Certificates: [{ CertificateArn: one }] }, 'ValidationError: Certificates cannot be specified'],
    [{ SslPolicy: 'ELBSecurityPolicy-2016-08' }, 'ValidationError: An SSL policy cannot be specified'],
    [{ AlpnPolicy: ['None'] }, 'InvalidConfigurationRequestException: ALPN'],
    [{ MutualAuthentication: { Mode: 'verify' } }, 'InvalidConfigurationRequestException: Mutual'],
    [{ DefaultActions: [] }, 'ValidationError: At least one action must be specified'],
    [{ LoadBalancerArn: 'x' }, "ValidationError: 'x' is not a valid load balancer ARN"],
    [{ Protocol: 'HTTPS' }, 'ValidationError: A certificate must be specified for HTTPS listeners'],
    [
      { ...https, Certificates: [{ CertificateArn: 'x' }] },
      "CertificateNotFoundException: Certificate 'x' not found",
    ],
    [
      { ...https, Certificates: [{ CertificateArn: one, IsDefault: true }] },
      'ValidationError: You cannot set the isDefault',
    ],
    [
      { ...https, Certificates: [{ CertificateArn: one }, { CertificateArn: two }] },
      'TooManyCertificatesException',
    ],
    [{ ...https, SslPolicy: 'x' }, "SSLPolicyNotFoundException: SSL policy 'x' not found"],
    [{ ...https, MutualAuthentication: { Mode: 'x' } }, "ValidationError: Mutual authentication mode 'x'"],
    [{ ...https, MutualAuthentication: { Mode: 'verify' } }, 'ValidationError: A trust store must be'],
  ])('are refused with %o', async (change, message) => {
    expect(await refusal(create(change))).toContain(message)
    expect((await berth.elb.describeListeners({ LoadBalancerArn })).Listeners).toEqual([])
  })

  it('are modified, and what is not given stays', async () => {
    const ListenerArn = await newListener()
    const { Listeners } = await berth.elb.modifyListener({ ListenerArn, Port: 8080 })
    expect(Listeners).toMatchObject([{ Port: 8080, DefaultActions: [{ TargetGroupArn: blue }] }])
    const secured = await berth.elb.modifyListener({
      ListenerArn,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: one }],
      DefaultActions: [ok],
    })
    expect(secured.Listeners).toMatchObject([
      { Protocol: 'HTTPS', Port: 8080, DefaultActions: [{ ...ok, Order: 1 }] },
    ])
    const open = await berth.elb.modifyListener({ ListenerArn, Protocol: 'HTTP' })
    expect(open.Listeners?.[0]).not.toHaveProperty('SslPolicy')
    expect(open.Listeners?.[0]).not.toHaveProperty('Certificates')
  })

  it('keep HTTPS while a rule authenticates', async () => {
    const ListenerArn = await newListener(https)
    const JwtValidationConfig = { JwksEndpoint: 'https://idp.example.com/keys', Issuer: 'idp' }
    await berth.elb.createRule({
      ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/a'] }],
      Actions: [
        { Type: 'jwt-validation', Order: 1, JwtValidationConfig },
        { ...forward(blue), Order: 2 },
      ],
    })
    expect(await refusal(berth.elb.modifyListener({ ListenerArn, Protocol: 'HTTP' }))).toMatch(
      /^InvalidLoadBalancerActionException: Actions of type 'jwt-validation' are supported only on HTTPS/,
    )
    expect(await told(ListenerArn)).toMatchObject({ Protocol: 'HTTPS' })
  })

  it('are deleted with their rules', async () => {
    const ListenerArn = await newListener()
    await berth.elb.deleteListener({ ListenerArn })
    expect(await refusal(berth.elb.deleteListener({ ListenerArn }))).toBe(
      'ListenerNotFoundException: One or more listeners not found',
    )
    await berth.elb.deleteTargetGroup({ TargetGroupArn: blue })
    expect([...berth.store.all(rules)]).toEqual([])
  })

  it('go with their load balancer', async () => {
    await newListener()
    await berth.elb.deleteLoadBalancer({ LoadBalancerArn })
    await berth.elb.deleteTargetGroup({ TargetGroupArn: blue })
    expect([...berth.store.all(rules)]).toEqual([])
  })

  it('are listed by their load balancer or by their ARNs', async () => {
    const describe = (input: object) => refusal(berth.elb.describeListeners(input))
    const which = 'ValidationError: You must specify either listener ARNs or a load balancer ARN'
    expect(await describe({})).toBe(which)
    const ListenerArns = [await newListener()]
    expect(await describe({ LoadBalancerArn, ListenerArns })).toBe(which)
    await create({ Port: 81, DefaultActions: [ok] })
    const page = await berth.elb.describeListeners({ LoadBalancerArn, PageSize: 1 })
    const rest = await berth.elb.describeListeners({ LoadBalancerArn, PageSize: 1, Marker: page.NextMarker })
    expect([...(page.Listeners ?? []), ...(rest.Listeners ?? [])].map(({ Port }) => Port).sort()).toEqual([
      80, 81,
    ])
  })
})

describe('Certificates of listeners', () => {
  it('are one by default and others by SNI', async () => {
    const ListenerArn = await newListener(https)
    const all = async () => (await berth.elb.describeListenerCertificates({ ListenerArn })).Certificates
    const Certificates = [{ CertificateArn: two }]
    expect((await berth.elb.addListenerCertificates({ ListenerArn, Certificates })).Certificates).toEqual([
      { CertificateArn: two, IsDefault: false },
    ])
    await berth.elb.addListenerCertificates({ ListenerArn, Certificates })
    expect(await all()).toEqual([
      { CertificateArn: one, IsDefault: true },
      { CertificateArn: two, IsDefault: false },
    ])
    const modified = await berth.elb.modifyListener({
      ListenerArn,
      Certificates: [{ CertificateArn: three }],
    })
    expect(modified.Listeners).toMatchObject([{ Certificates: [{ CertificateArn: three }] }])
    expect(
      await refusal(
        berth.elb.removeListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: three }] }),
      ),
    ).toMatch(/^OperationNotPermittedException: The default certificate/)
    await berth.elb.removeListenerCertificates({ ListenerArn, Certificates })
    expect(await all()).toEqual([{ CertificateArn: three, IsDefault: true }])
  })

  it('are refused where there is no TLS, and when nobody has them', async () => {
    const add = async (listener: object, CertificateArn: string) =>
      refusal(
        berth.elb.addListenerCertificates({
          ListenerArn: await newListener(listener),
          Certificates: [{ CertificateArn }],
        }),
      )
    expect(await add({}, one)).toMatch(/^InvalidConfigurationRequest/)
    expect(await add(https, pending)).toMatch(/^UnsupportedCertificate: The certificate/)
    const foreign = one.replace(accountId, '999999999999')
    expect(await add(https, foreign)).toMatch(/^CertificateNotFound/)
    expect(await add(https, 'x')).toBe("CertificateNotFoundException: Certificate 'x' not found")
  })
})

describe('Attributes of listeners', () => {
  it('are headers of HTTP and time-outs of TCP', async () => {
    const ListenerArn = await newListener(https)
    const { Attributes } = await berth.elb.describeListenerAttributes({ ListenerArn })
    expect(Attributes).toHaveLength(19)
    expect(Attributes).toContainEqual({ Key: 'routing.http.response.server.enabled', Value: 'true' })
    const modify = (Key: string, Value: string) =>
      berth.elb.modifyListenerAttributes({ ListenerArn, Attributes: [{ Key, Value }] })
    const frames = { Key: 'routing.http.response.x_frame_options.header_value', Value: 'DENY' }
    expect((await modify(frames.Key, frames.Value)).Attributes).toContainEqual(frames)
    expect(await refusal(modify(frames.Key, 'x'))).toMatch(/^ValidationError/)
    expect(await refusal(modify('tcp.idle_timeout.seconds', '60'))).toMatch(/^InvalidConfigurationRequest/)
    const tcp = await berth.newTargetGroup({ Name: 'tcp', Protocol: 'TCP' })
    const network = await newListener({
      LoadBalancerArn: await newNetwork(),
      Protocol: 'TCP',
      DefaultActions: [forward(tcp)],
    })
    expect((await berth.elb.describeListenerAttributes({ ListenerArn: network })).Attributes).toEqual([
      { Key: 'tcp.idle_timeout.seconds', Value: '350' },
    ])
  })
})

it('Security policies are told', async () => {
  const { SslPolicies } = await berth.elb.describeSSLPolicies({
    Names: ['ELBSecurityPolicy-TLS13-1-3-2021-06'],
  })
  expect(SslPolicies).toEqual([
    {
      Name: 'ELBSecurityPolicy-TLS13-1-3-2021-06',
      SslProtocols: ['TLSv1.3'],
      Ciphers: [
        { Name: 'TLS_AES_128_GCM_SHA256', Priority: 1 },
        { Name: 'TLS_AES_256_GCM_SHA384', Priority: 2 },
        { Name: 'TLS_CHACHA20_POLY1305_SHA256', Priority: 3 },
      ],
      SupportedLoadBalancerTypes: ['application', 'network'],
    },
  ])
  expect((await berth.elb.describeSSLPolicies({})).SslPolicies).toHaveLength(16)
  expect(await refusal(berth.elb.describeSSLPolicies({ Names: ['x'] }))).toBe(
    "SSLPolicyNotFoundException: SSL policies '[x]' not found",
  )
})

it('Listeners of another account are not found', async () => {
  const arn = `arn:aws:elasticloadbalancing:${region}:999999999999:listener/app/web/${'0'.repeat(16)}/${'0'.repeat(16)}`
  expect(accountId).not.toBe('999999999999')
  expect(await refusal(berth.elb.deleteListener({ ListenerArn: arn }))).toMatch(/^ListenerNotFound/)
})
