import { beforeEach, describe, expect, it } from 'vitest'
import { Elbv2Endpoint, forward, ok, refusal } from './elbv2-endpoint.ts'

let berth: Elbv2Endpoint
let ListenerArn: string
let blue: string
beforeEach(async () => {
  berth = await Elbv2Endpoint.start()
  const LoadBalancerArn = await berth.newLoadBalancer()
  blue = await berth.newTargetGroup()
  const listener = await berth.createListener({ LoadBalancerArn, DefaultActions: [ok] })
  ListenerArn = listener?.ListenerArn ?? ''
})

const path = (...Values: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values } })
const create = async (change: object = {}) => {
  const { Rules } = await berth.elb.createRule({
    ListenerArn,
    Priority: 10,
    Conditions: [path('/img/*')],
    Actions: [forward(blue)],
    ...change,
  })
  return Rules?.[0]
}
const newRule = async (change: object = {}): Promise<string> => (await create(change))?.RuleArn ?? ''
const all = async () => (await berth.elb.describeRules({ ListenerArn })).Rules
const defaultArn = async (): Promise<string> => (await all())?.at(-1)?.RuleArn ?? ''
const priorities = async () => (await all())?.map(({ Priority }) => Priority)

describe('Rules', () => {
  it('are told in the order of their priorities, the default one last', async () => {
    const rule = await create()
    expect(rule).toEqual({
      RuleArn: expect.stringMatching(
        new RegExp(`^${ListenerArn.replace(':listener/', ':listener-rule/')}/[0-9a-f]{16}$`),
      ),
      Priority: '10',
      Conditions: [{ Field: 'path-pattern', Values: ['/img/*'], PathPatternConfig: { Values: ['/img/*'] } }],
      Actions: [
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
      IsDefault: false,
    })
    await create({ Priority: 2, Actions: [ok] })
    expect(await all()).toEqual([
      expect.objectContaining({ Priority: '2' }),
      rule,
      {
        RuleArn: expect.stringContaining(':listener-rule/'),
        Priority: 'default',
        Conditions: [],
        Actions: [{ ...ok, Order: 1 }],
        IsDefault: true,
      },
    ])
    const { Rules } = await berth.elb.describeRules({ RuleArns: [rule?.RuleArn ?? ''] })
    expect(Rules).toEqual([rule])
    expect(await refusal(berth.elb.describeRules({}))).toBe(
      'ValidationError: You must specify either listener rule ARNs or a listener ARN',
    )
  })

  it('have tags', async () => {
    const arn = await newRule({ Tags: [{ Key: 'a', Value: 'b' }] })
    const { TagDescriptions } = await berth.elb.describeTags({ ResourceArns: [arn, ListenerArn] })
    expect(TagDescriptions?.map(({ Tags }) => Tags)).toEqual([[{ Key: 'a', Value: 'b' }], []])
  })

  it('have priorities of their own', async () => {
    await create()
    expect(await refusal(create())).toBe("PriorityInUseException: Priority '10' is currently in use")
    expect(await refusal(create({ Priority: 0 }))).toMatch(/^ValidationError: 1 validation error/)
    expect(await refusal(create({ Priority: 50_001 }))).toMatch(/^ValidationError: 1 validation error/)
  })

  it('are 100 of a load balancer, without the default ones', async () => {
    for (let Priority = 1; Priority <= 100; Priority++) await create({ Priority })
    expect(await refusal(create({ Priority: 101 }))).toMatch(/^TooManyRulesException/)
  })

  it('are modified, and what is not given stays', async () => {
    const RuleArn = await newRule({ Transforms: [url('^/a', '/b')] })
    const { Rules } = await berth.elb.modifyRule({ RuleArn, Conditions: [path('/new')] })
    expect(Rules).toMatchObject([
      {
        Priority: '10',
        Conditions: [{ Values: ['/new'] }],
        Actions: [{ TargetGroupArn: blue }],
        Transforms: [url('^/a', '/b')],
      },
    ])
    const changed = await berth.elb.modifyRule({ RuleArn, Actions: [ok], ResetTransforms: true })
    expect(changed.Rules?.[0]).not.toHaveProperty('Transforms')
    expect(changed.Rules).toMatchObject([{ Conditions: [{ Values: ['/new'] }], Actions: [ok] }])
    await berth.elb.deleteTargetGroup({ TargetGroupArn: blue })
    expect(await refusal(berth.elb.modifyRule({ RuleArn }))).toMatch(/^ValidationError/)
    expect(await refusal(berth.elb.modifyRule({ RuleArn, Transforms: [], ResetTransforms: true }))).toMatch(
      /^ValidationError/,
    )
  })

  it('are deleted, but for the default one, which is not modified either', async () => {
    const RuleArn = await newRule()
    await berth.elb.deleteRule({ RuleArn })
    expect(await refusal(berth.elb.deleteRule({ RuleArn }))).toBe(
      'RuleNotFoundException: One or more rules not found',
    )
    const last = await defaultArn()
    expect(await refusal(berth.elb.deleteRule({ RuleArn: last }))).toBe(
      `OperationNotPermittedException: Default rule '${last}' cannot be deleted`,
    )
    expect(await refusal(berth.elb.modifyRule({ RuleArn: last, Actions: [ok] }))).toMatch(
      /^OperationNotPermitted/,
    )
  })

  it('may take each other’s priorities', async () => {
    const [one, two] = [await newRule({ Priority: 1 }), await newRule({ Priority: 2 })]
    await newRule({ Priority: 3 })
    const { Rules } = await berth.elb.setRulePriorities({
      RulePriorities: [
        { RuleArn: one, Priority: 2 },
        { RuleArn: two, Priority: 1 },
      ],
    })
    expect(Rules).toMatchObject([
      { RuleArn: one, Priority: '2' },
      { RuleArn: two, Priority: '1' },
    ])
    const set = (RuleArn: string, Priority: number) =>
      refusal(berth.elb.setRulePriorities({ RulePriorities: [{ RuleArn, Priority }] }))
    expect(await set(one, 3)).toBe("PriorityInUseException: Priority '3' is currently in use")
    expect(await set(await defaultArn(), 4)).toMatch(/^OperationNotPermitted/)
    expect(await priorities()).toEqual(['1', '2', '3', 'default'])
  })

  it('of network load balancers are refused by name', async () => {
    const LoadBalancerArn = await berth.newLoadBalancer({ Name: 'net', Type: 'network' })
    const tcp = await berth.newTargetGroup({ Name: 'tcp', Protocol: 'TCP' })
    const listener = await berth.createListener({
      LoadBalancerArn,
      Protocol: 'TCP',
      DefaultActions: [forward(tcp)],
    })
    expect(await refusal(create({ ListenerArn: listener?.ListenerArn, Actions: [forward(tcp)] }))).toBe(
      'UnsupportedOperation: A rule of a Network Load Balancer is not supported by Berth yet.',
    )
  })
})

describe('Conditions', () => {
  it.each([
    [
      { Field: 'host-header', Values: ['*.example.com'] },
      { Field: 'host-header', Values: ['*.example.com'], HostHeaderConfig: { Values: ['*.example.com'] } },
    ],
    [
      { Field: 'host-header', HostHeaderConfig: { RegexValues: ['^a\\..*$'] } },
      { Field: 'host-header', RegexValues: ['^a\\..*$'], HostHeaderConfig: { RegexValues: ['^a\\..*$'] } },
    ],
    [
      { Field: 'path-pattern', RegexValues: ['^/(a|b)$'] },
      { Field: 'path-pattern', RegexValues: ['^/(a|b)$'], PathPatternConfig: { RegexValues: ['^/(a|b)$'] } },
    ],
    [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'User-Agent', Values: ['*Chrome*'] } }],
    [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-A', RegexValues: ['^[0-9]+$'] } }],
    [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET', 'X-OWN_ONE'] } }],
    [
      {
        Field: 'query-string',
        QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }, { Value: '*\\?*' }] },
      },
    ],
    [{ Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24', '2001:db8::/32'] } }],
  ])('are told as %o', async (condition: object, expected: object = condition) => {
    expect((await create({ Conditions: [condition] }))?.Conditions).toEqual([expected])
  })

  const header = (config: object) => ({
    Field: 'http-header',
    HttpHeaderConfig: { HttpHeaderName: 'X-A', Values: ['a'], ...config },
  })

  it.each([
    [[], 'At least one condition must be specified'],
    [
      [{ Field: 'cookie', Values: ['a'] }],
      "Condition field 'cookie' must be one of '[host-header, path-pattern",
    ],
    [[{ Field: 'path-pattern' }], "A condition value must be specified for field 'path-pattern'"],
    [[{ Field: 'path-pattern', Values: [''] }], 'cannot be empty'],
    [[{ Field: 'path-pattern', Values: ['/ä'] }], 'contains a character that is not valid'],
    [[{ Field: 'path-pattern', Values: ['x'.repeat(129)] }], "cannot be longer than '128' characters"],
    [[{ ...path('/a'), Values: ['/a'] }], "Only one of 'Values', 'RegexValues' or 'PathPatternConfig'"],
    [[{ ...path('/a'), HostHeaderConfig: { Values: ['a.b'] } }], "'HostHeaderConfig' cannot be specified"],
    [
      [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/a'], RegexValues: ['a'] } }],
      'Only one of values',
    ],
    [[path('/a'), path('/b')], "A rule can only have one 'path-pattern' condition"],
    [[{ Field: 'host-header', Values: ['localhost'] }], "must have a '.'"],
    [[{ Field: 'host-header', Values: ['example.c0m'] }], 'only alphabetical characters'],
    [[{ Field: 'host-header', Values: ['a/b.com'] }], 'contains a character that is not valid'],
    [[{ Field: 'http-header', Values: ['a'] }], "'Values' and 'RegexValues' cannot be specified"],
    [[header({ HttpHeaderName: 'a b' })], "'a b' is not a valid HTTP header name"],
    [[header({ HttpHeaderName: 'Host' })], 'cannot be for the host header'],
    [[header({ Values: ['a\u0000'] })], 'contains a character that is not valid'],
    [
      [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['get'] } }],
      'contains a character that is not valid',
    ],
    [[{ Field: 'query-string' }], "A condition value must be specified for field 'query-string'"],
    [[{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a' }] } }], 'cannot be empty'],
    [[{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }], 'must be in CIDR format'],
    [[{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/33'] } }], 'must be in CIDR format'],
    [[{ Field: 'source-ip', SourceIpConfig: { IpAddressType: 'ipv4' } }], 'IpAddressType of a source-ip'],
    [
      [path('/a', '/b', '/c'), header({ Values: ['a', 'b', 'c'] })],
      "A rule can only have '5' condition values and",
    ],
    [[path('*/*/*/*/*/*')], "A rule can only have '5' condition wildcards"],
  ])('are refused as %o', async (Conditions, message) => {
    expect(await refusal(create({ Conditions }))).toContain(message)
    expect(await priorities()).toEqual(['default'])
  })

  it.each([
    '(?=a)b',
    '(?<!a)b',
    '(a)\\1',
    '(?<x>a)\\k<x>',
    '(?>a)',
    'a++',
    '(?R)',
    '\\p{L}',
    '\\u0041',
    '[\\L]',
    '[^]',
    '(',
    '[a',
  ])('are refused with the regular expression %s', async regex => {
    const Conditions = [{ Field: 'path-pattern', RegexValues: [regex] }]
    expect(await refusal(create({ Conditions }))).toMatch(/^ValidationError: The regular expression/)
  })

  it.each(['(?i)^/a$', '^/[+*]+$', '\\++', '^/(?:a|b){2,3}\\d\\.png$', '[(?=]', '[[]', '[]a]', '\\\\u'])(
    'take the regular expression %s',
    async regex => {
      const Conditions = [{ Field: 'path-pattern', RegexValues: [regex] }]
      expect(await refusal(create({ Conditions }))).toBe('not refused')
    },
  )
})

const url = (Regex: string, Replace: string) => ({
  Type: 'url-rewrite' as const,
  UrlRewriteConfig: { Rewrites: [{ Regex, Replace }] },
})
const host = (Regex: string, Replace: string) => ({
  Type: 'host-header-rewrite' as const,
  HostHeaderRewriteConfig: { Rewrites: [{ Regex, Replace }] },
})

describe('Transforms', () => {
  it('rewrite the URL and the host', async () => {
    const Transforms = [url('^/api/(.*)$', '/$1'), host('^(.*)\\.example\\.com$', '$1.internal')]
    expect((await create({ Transforms }))?.Transforms).toEqual(Transforms)
  })

  it.each([
    [[url('a', 'b'), url('c', 'd')], "A rule can only have one transform of type 'url-rewrite'"],
    [[{ Type: 'url-rewrite' }], "A transform of type 'url-rewrite' must have its own configuration"],
    [[{ ...host('a', 'b'), Type: 'url-rewrite' }], 'must have its own configuration'],
    [[{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [] } }], 'exactly one rewrite'],
    [[url('(?=a)', 'b')], 'lookaheads or lookbehinds are not supported'],
    [[url('a', 'x'.repeat(1_025))], "cannot be longer than '1024' characters"],
    [[url('x'.repeat(1_025), 'a')], "cannot be longer than '1024' characters"],
  ])('are refused as %o', async (Transforms, message) => {
    expect(await refusal(create({ Transforms }))).toContain(message)
  })
})
