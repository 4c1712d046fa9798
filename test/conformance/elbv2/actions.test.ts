import { sign, verify } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { createEncryption } from '../../../packages/control-plane/src/encryption/encryption.ts'
import {
  loadBalancers,
  openAuthenticationKeys,
  rules,
} from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { Elbv2Endpoint, encryption, forward, https, ok, refusal } from './elbv2-endpoint.ts'

let berth: Elbv2Endpoint
let blue: string
let create: (change?: object) => ReturnType<Elbv2Endpoint['createListener']>
beforeEach(async () => {
  berth = await Elbv2Endpoint.start()
  const LoadBalancerArn = await berth.newLoadBalancer()
  blue = await berth.newTargetGroup()
  create = (change = {}) =>
    berth.createListener({ LoadBalancerArn, DefaultActions: [forward(blue)], ...change })
})
const newNetwork = () => berth.newLoadBalancer({ Name: 'net', Type: 'network' })

describe('Forwards', () => {
  it('of network load balancers take target groups of protocols that suit the listener', async () => {
    const arn = await newNetwork()
    const group = async (Protocol: string) =>
      berth.newTargetGroup({ Name: Protocol.replace('_', '-'), Protocol })
    const [tcp, udp, both, tls] = [
      await group('TCP'),
      await group('UDP'),
      await group('TCP_UDP'),
      await group('TLS'),
    ]
    let Port = 1
    const tried = async (Protocol: string, TargetGroupArn: string) => {
      Port += 1
      const Certificates = Protocol === 'TLS' ? https.Certificates : undefined
      const DefaultActions = [forward(TargetGroupArn)]
      const code = await refusal(
        create({ LoadBalancerArn: arn, Protocol, Port, DefaultActions, Certificates }),
      )
      return code.split(':')[0]
    }
    const incompatible = 'IncompatibleProtocolsException'
    expect(await Promise.all([tcp, udp, both, tls].map(arn => tried('TCP', arn)))).toEqual([
      'not refused',
      incompatible,
      'not refused',
      incompatible,
    ])
    expect(await Promise.all([tcp, udp, both, tls].map(arn => tried('UDP', arn)))).toEqual([
      incompatible,
      'not refused',
      'not refused',
      incompatible,
    ])
    expect(await Promise.all([tcp, udp, both, tls].map(arn => tried('TCP_UDP', arn)))).toEqual([
      incompatible,
      incompatible,
      'not refused',
      incompatible,
    ])
    expect(await Promise.all([tcp, udp, both, tls].map(arn => tried('TLS', arn)))).toEqual([
      'not refused',
      incompatible,
      incompatible,
      'not refused',
    ])
    expect(await tried('TCP', blue)).toBe(incompatible)
    expect(await refusal(create({ LoadBalancerArn: arn, Protocol: 'TCP', DefaultActions: [ok] }))).toMatch(
      /^InvalidLoadBalancerActionException/,
    )
  })

  it('have weights, and stick for a while', async () => {
    const green = await berth.newTargetGroup({ Name: 'green' })
    const ForwardConfig = {
      TargetGroups: [{ TargetGroupArn: blue, Weight: 90 }, { TargetGroupArn: green }],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    }
    const made = await create({ DefaultActions: [{ Type: 'forward', ForwardConfig }] })
    expect(made?.DefaultActions).toEqual([
      {
        Type: 'forward',
        Order: 1,
        ForwardConfig: {
          ...ForwardConfig,
          TargetGroups: [
            { TargetGroupArn: blue, Weight: 90 },
            { TargetGroupArn: green, Weight: 1 },
          ],
        },
      },
    ])
  })

  it('are of one load balancer, one VPC, and at most five target groups', async () => {
    await create()
    const other = { LoadBalancerArn: await berth.newLoadBalancer({ Name: 'other' }) }
    expect(await refusal(create(other))).toBe(
      `TargetGroupAssociationLimitException: The following target groups cannot be associated with more than one load balancer: ${blue}`,
    )
    const { Vpc } = await berth.ec2.createVpc({ CidrBlock: '10.0.0.0/16' })
    const far = await berth.newTargetGroup({ Name: 'far', VpcId: Vpc?.VpcId })
    const to = (...groups: object[]) =>
      refusal(
        create({ Port: 81, DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups: groups } }] }),
      )
    expect(await to({ TargetGroupArn: far })).toMatch(/^InvalidConfigurationRequest.*not in the same VPC/)
    const gone = blue.replace('/blue/', '/gone/')
    expect(await to({ TargetGroupArn: gone })).toBe(
      `TargetGroupNotFoundException: Target groups '${gone}' not found`,
    )
    expect(await to()).toMatch(/^ValidationError/)
    expect(await to({ TargetGroupArn: blue }, { TargetGroupArn: blue })).toMatch(/^ValidationError/)
    expect(await to({ TargetGroupArn: blue, Weight: 1_000 })).toMatch(/^ValidationError/)
    expect(await to(...Array.from({ length: 6 }, () => ({ TargetGroupArn: blue })))).toMatch(
      /^TooManyTargetGroups/,
    )
    const grpc = await berth.newTargetGroup({ Name: 'grpc', ProtocolVersion: 'GRPC' })
    expect(await to({ TargetGroupArn: grpc })).toBe(
      "InvalidLoadBalancerActionException: Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'",
    )
    const Enabled = { TargetGroupStickinessConfig: { Enabled: true }, TargetGroups: [] }
    expect(
      await refusal(create({ Port: 81, DefaultActions: [{ ...forward(blue), ForwardConfig: Enabled }] })),
    ).toMatch(/^ValidationError: You must specify a duration/)
  })
})

describe('Other actions', () => {
  const tried = (action: object, change: object = {}) =>
    refusal(create({ Port: 81, ...change, DefaultActions: [action] }))
  const redirect = (RedirectConfig: object) => ({ Type: 'redirect', RedirectConfig })

  it('redirect, and tell what stays as it was asked for', async () => {
    const action = redirect({ Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' })
    expect((await create({ DefaultActions: [action] }))?.DefaultActions).toEqual([
      {
        Type: 'redirect',
        Order: 1,
        RedirectConfig: {
          Protocol: 'HTTPS',
          Port: '443',
          Host: '#{host}',
          Path: '/#{path}',
          Query: '#{query}',
          StatusCode: 'HTTP_301',
        },
      },
    ])
  })

  it.each([
    [
      redirect({ StatusCode: 'HTTP_301' }),
      'InvalidLoadBalancerActionException: The redirect configuration is not',
    ],
    [redirect({ StatusCode: 'HTTP_301', Query: 'a=b' }), 'creates a loop'],
    [redirect({ StatusCode: 'HTTP_303' }), 'Member must satisfy enum value set'],
    [redirect({ StatusCode: 'HTTP_301', Port: '0' }), "ValidationError: Redirect port '0'"],
    [redirect({ StatusCode: 'HTTP_301', Path: 'x' }), "ValidationError: Redirect path 'x'"],
    [redirect({ StatusCode: 'HTTP_301', Host: '' }), "ValidationError: Redirect host ''"],
    [redirect({ StatusCode: 'HTTP_301', Protocol: 'FTP' }), "ValidationError: Redirect protocol 'FTP'"],
    [{ Type: 'redirect' }, "ValidationError: 'RedirectConfig' must be specified"],
    [{ Type: 'fixed-response' }, "ValidationError: 'FixedResponseConfig' must be specified"],
    [
      { ...ok, FixedResponseConfig: { StatusCode: '301' } },
      "ValidationError: 1 validation error detected: Value '301'",
    ],
    [
      { ...ok, FixedResponseConfig: { StatusCode: '200', ContentType: 'x' } },
      "InvalidLoadBalancerActionException: The ContentType must be one of:'text/html', 'application/json'",
    ],
    [
      { ...ok, FixedResponseConfig: { StatusCode: '200', MessageBody: 'x'.repeat(1025) } },
      'ValidationError: The message body',
    ],
    [{ ...ok, RedirectConfig: { StatusCode: 'HTTP_301' } }, "ValidationError: 'RedirectConfig' cannot be"],
    [{ Type: 'authenticate-cognito' }, "UnsupportedOperation: The action type 'authenticate-cognito'"],
    [{ Type: 'jwt-validation' }, 'InvalidLoadBalancerActionException: Actions of type'],
  ])('are refused as %o', async (action, message) => {
    expect(await tried(action)).toContain(message)
  })

  it('do not redirect from HTTPS to HTTP', async () => {
    expect(await tried(redirect({ StatusCode: 'HTTP_302', Protocol: 'HTTP' }), https)).toMatch(
      /HTTPS cannot be redirected/,
    )
  })

  const oidc = {
    Issuer: 'https://idp.example.com',
    AuthorizationEndpoint: 'https://idp.example.com/authorize',
    TokenEndpoint: 'https://idp.example.com/token',
    UserInfoEndpoint: 'https://idp.example.com/userinfo',
    ClientId: 'web',
    ClientSecret: 'hush',
  }
  const login = (change: object = {}) => ({
    Type: 'authenticate-oidc',
    Order: 1,
    AuthenticateOidcConfig: { ...oidc, ...change },
  })
  const secretOf = (): string => {
    const [rule] = [...berth.store.all(rules)]
    return encryption.decrypt(rule?.clientSecret ?? '', rule?.id ?? '').toString()
  }

  it('authenticate by OpenID Connect before they forward, and keep the secret to themselves', async () => {
    const DefaultActions = [{ ...forward(blue), Order: 2 }, login()]
    const made = await create({ ...https, DefaultActions })
    const { ClientSecret: _, ...shown } = oidc
    expect(made?.DefaultActions?.[0]).toEqual({
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: {
        ...shown,
        SessionCookieName: 'AWSELBAuthSessionCookie',
        Scope: 'openid',
        SessionTimeout: 604_800,
        OnUnauthenticatedRequest: 'authenticate',
      },
    })
    expect(made?.DefaultActions?.[1]).toMatchObject({ Type: 'forward', Order: 2 })
    expect(JSON.stringify([...berth.store.all(rules)])).not.toContain('hush')
    expect(secretOf()).toBe('hush')
    const modify = (change: object) =>
      berth.elb.modifyListener({
        ListenerArn: made?.ListenerArn,
        DefaultActions: [
          login({ ClientSecret: undefined, ...change }),
          { ...forward(blue), Order: 2 },
        ] as never,
      })
    expect(await refusal(modify({}))).toBe('ValidationError: A client secret must be specified')
    await modify({ UseExistingClientSecret: true, Scope: 'openid email' })
    expect(secretOf()).toBe('hush')
    await modify({ ClientSecret: 'new' })
    expect(secretOf()).toBe('new')
  })

  const keysOf = () => {
    const [row] = [...berth.store.all(loadBalancers)]
    return { stored: row?.authenticationKeys, opened: row && openAuthenticationKeys(encryption, row) }
  }

  it('have the load balancer sign who users are, by keys that it keeps and nobody reads', async () => {
    const made = await create({ ...https, DefaultActions: [{ ...ok, Order: 2 }] })
    expect(keysOf().stored).toBeUndefined()
    const modify = (DefaultActions: object[]) =>
      berth.elb.modifyListener({ ListenerArn: made?.ListenerArn, DefaultActions: DefaultActions as never })
    await modify([login(), { ...ok, Order: 2 }])
    const { stored, opened } = keysOf()
    expect(stored?.keyId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    const signature = sign('sha256', Buffer.from('claims'), opened?.signingKey ?? '')
    expect(verify('sha256', Buffer.from('claims'), stored?.publicKey ?? '', signature)).toBe(true)
    expect(opened?.sessionSecret).toMatch(/^[0-9a-f]{64}$/)
    expect(JSON.stringify([...berth.store.all(loadBalancers)])).not.toContain(opened?.sessionSecret)
    await modify([ok])
    await modify([login({ ClientSecret: 'new' }), { ...ok, Order: 2 }])
    expect(keysOf()).toEqual({ stored, opened })
    // A host is told of none then, and HAProxy lets nobody pass.
    const [row] = [...berth.store.all(loadBalancers)]
    expect(row && openAuthenticationKeys(createEncryption(Buffer.alloc(32, 1)), row)).toBeUndefined()
  })

  it('refuse parameters that the load balancer sets itself, and names that no cookie has', async () => {
    const tried = (change: object) =>
      refusal(create({ ...https, DefaultActions: [login(change), { ...ok, Order: 2 }] }))
    expect(await tried({ AuthenticationRequestExtraParams: { state: 'x' } })).toBe(
      "ValidationError: The extra parameter 'state' is one that the load balancer sets",
    )
    for (const SessionCookieName of ['a b', 'a;b', '', 'a\nb'])
      expect(await tried({ SessionCookieName })).toMatch(
        /^ValidationError: .*not a valid session cookie name/s,
      )
    expect(keysOf().stored).toBeUndefined()
  })

  it.each([
    [[login()], 'InvalidLoadBalancerActionException: A rule must have exactly one'],
    [[login(), ok], 'ValidationError: An action order is required'],
    [[login(), { ...ok, Order: 1 }], 'ValidationError: The order of each action must be unique'],
    [
      [
        { ...ok, Order: 1 },
        { ...login(), Order: 2 },
      ],
      'InvalidLoadBalancerActionException: An action of',
    ],
    [
      [login(), { ...login(), Order: 2 }, { ...ok, Order: 3 }],
      'TooManyActionsException: A rule can only have one action that authenticates',
    ],
    [
      [login({ Issuer: 'http://x' }), { ...ok, Order: 2 }],
      "ValidationError: 'http://x' is not a valid issuer",
    ],
    [[login({ ClientSecret: undefined }), { ...ok, Order: 2 }], 'ValidationError: A client secret must be'],
    [[login({ SessionTimeout: 604_801 }), { ...ok, Order: 2 }], 'ValidationError: 1 validation error'],
  ])('that authenticate are refused as %o', async (DefaultActions, message) => {
    expect(await refusal(create({ ...https, DefaultActions }))).toContain(message)
  })

  const jwt = { JwksEndpoint: 'https://idp.example.com/keys', Issuer: 'idp' }
  const validate = (change: object = {}) => ({
    Type: 'jwt-validation',
    Order: 1,
    JwtValidationConfig: { ...jwt, ...change },
  })
  const claims = (claim: object) =>
    validate({ AdditionalClaims: [{ Name: 'scope', Format: 'string-array', Values: ['a'], ...claim }] })

  it('validate JSON Web Tokens with further claims', async () => {
    const DefaultActions = [claims({}), { ...ok, Order: 2 }]
    expect((await create({ ...https, DefaultActions }))?.DefaultActions).toEqual(DefaultActions)
  })

  it.each([
    [validate({ JwksEndpoint: 'http://x' }), 'is not a valid JWKS endpoint'],
    [validate({ Issuer: '' }), "'' is not a valid issuer"],
    [claims({ Name: 'exp' }), "'exp' cannot be an additional claim"],
    [claims({ Values: [] }), "The claim 'scope' must have between '1-10' values"],
    [claims({ Format: 'space-separated-values', Values: ['a b'] }), "'a b' is not a valid value"],
    [claims({ Format: 'single-string', Values: ['a', 'b'] }), 'must have one value'],
  ])('of tokens are refused as %o', async (action, message) => {
    expect(await refusal(create({ ...https, DefaultActions: [action, { ...ok, Order: 2 }] }))).toContain(
      message,
    )
  })
})
