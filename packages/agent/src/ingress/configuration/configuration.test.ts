import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IngressAction, IngressCondition, IngressFact, IngressRule } from '@berth/model'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { forwardTo, groupFact, listenerFact, ruleOf, usualFacts } from '../ingress-fixtures.ts'
import type { Slot } from './backend.ts'
import { haproxyFiles } from './configuration.ts'
import { placesIn } from './places.ts'
import { viewOf } from './view.ts'

const directory = mkdtempSync(join(tmpdir(), 'berth-haproxy-'))
const places = placesIn(directory)
const keyFile = join(directory, 'key.pem')

afterAll(() => rmSync(directory, { recursive: true }))

const slots: readonly Slot[] = [
  { name: 'host1', isInVpc: false, target: { address: '10.0.0.5', port: 8080, isDraining: false } },
  { name: 'host2', isInVpc: false },
]

const textOf = (facts: readonly IngressFact[], namespace?: string): string =>
  haproxyFiles(viewOf(facts), {
    places,
    slots: () => slots,
    namespace: () => namespace,
    keys: () => [{ id: 'key-1', file: keyFile, pem: '' }],
  }).configuration

/** HAProxy takes it, whatever it is. */
const checked = (text: string): string => {
  writeFileSync(places.configuration, text)
  writeFileSync(places.serverState, '1\n')
  execFileSync('haproxy', ['-c', '-f', places.configuration], {
    stdio: 'pipe',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  })
  return text
}

/** The lines of the section, without what every section of its kind has. */
const linesOf = (text: string, section: RegExp): string[] => {
  const lines = text.split('\n')
  const begin = lines.findIndex(line => section.test(line))
  const length = lines.slice(begin + 1).findIndex(line => !line.startsWith('  '))
  const own = lines.slice(begin + 1, begin + 1 + length).map(line => line.trim())
  return own.filter(line => !/handover|successor|allow if { stopping }/.test(line))
}

const frontendOf = (facts: readonly IngressFact[]): string[] => linesOf(checked(textOf(facts)), /^frontend/)
const backendOf = (facts: readonly IngressFact[]): string[] =>
  linesOf(checked(textOf(facts)), /^backend targetgroup\.blue/)

const blue = 'targetgroup.blue.73e2d6bc24d8a067'
const green = 'targetgroup.green.73e2d6bc24d8a067'

const conditionsOf = (...conditions: IngressCondition[]): string[] => {
  const rule: IngressRule = {
    arn: 'rule',
    conditions,
    actions: [{ type: 'fixed-response', statusCode: 404, body: '' }],
    transforms: [],
  }
  return frontendOf(usualFacts({ rules: [rule, ruleOf(forwardTo(['blue', 1]))] })).filter(line =>
    line.startsWith('acl '),
  )
}

const actionsOf = (...actions: IngressAction[]): string[] =>
  frontendOf(usualFacts({ rules: [ruleOf(...actions)] })).filter(line =>
    /redirect|return|txn\.|AWSALBTG/.test(line),
  )

describe('a listener', () => {
  it('that only forwards decides nothing per request', () => {
    expect(frontendOf(usualFacts())).toEqual([
      'mode http',
      'bind 127.0.9.1:80',
      'timeout client 60s',
      'timeout http-request 60s',
      'timeout http-keep-alive 60s',
      'tcp-request session set-var(sess.began) date',
      "http-request set-header X-Forwarded-For '%[req.fhdr(X-Forwarded-For)], %[src]' if { req.fhdr(X-Forwarded-For) -m found }",
      "http-request set-header X-Forwarded-For '%[src]' unless { req.fhdr(X-Forwarded-For) -m found }",
      'http-request set-header X-Forwarded-Proto http',
      'http-request set-header X-Forwarded-Port 80',
      "http-request set-header X-Amzn-Trace-Id 'Root=1-%[date,hex,bytes(8,8),lower]-%[uuid(),bytes(24,12)]%[uuid(),bytes(24,12)]' unless { req.fhdr(X-Amzn-Trace-Id) -m found }",
      'http-request del-header Berth-Encryption-Seen',
      'http-after-response set-header Connection close if { stopping } || { date,sub(sess.began) ge 3600 }',
      `use_backend ${blue}.open if { nbsrv(${blue}) lt 1 }`,
      `default_backend ${blue}`,
    ])
  })

  it('listens in its VPC, too, where it has an interface there', () => {
    const facts = usualFacts({}, {}, { interfaceAddress: '10.0.0.4' })
    const bindsOf = (namespace?: string) =>
      linesOf(textOf(facts, namespace), /^frontend/).filter(line => line.startsWith('bind '))
    expect(bindsOf('berth-lb')).toEqual([
      'bind 127.0.9.1:80',
      'bind 10.0.0.4:80 namespace berth-lb transparent',
    ])
    // The namespace is not there yet.
    expect(bindsOf()).toEqual(['bind 127.0.9.1:80'])
  })

  it('tries its rules in order, before anything is rewritten', () => {
    const rule: IngressRule = {
      arn: 'rule',
      conditions: [{ field: 'path-pattern', values: ['/api/*'], isRegex: false }],
      actions: [forwardTo(['green', 1])],
      transforms: [
        { type: 'url-rewrite', regex: '^/api/(.+)$', replace: '/$1' },
        { type: 'host-header-rewrite', regex: "it's", replace: '$0' },
      ],
    }
    const lines = frontendOf(usualFacts({ rules: [rule, ruleOf(forwardTo(['blue', 1]))] }))
    expect(lines.filter(line => /acl|txn|set-pathq|set-header Host/.test(line))).toEqual([
      'acl rule0.0 path -m beg -- /api/',
      'http-request set-var(txn.rule) int(0) if rule0.0',
      `http-request set-var(txn.group) str(${green}) if { var(txn.rule) -m int 0 }`,
      `http-request set-var(txn.group) str(${blue}) if !{ var(txn.rule) -m found }`,
      String.raw`http-request set-pathq '%[pathq,regsub('\''^/api/(.+)$'\'','\''/\1'\'')]' if { var(txn.rule) -m int 0 }`,
      String.raw`http-request set-header Host '%[req.hdr(host),regsub('\''it'\''\'\'''\''s'\'','\''\0'\'')]' if { var(txn.rule) -m int 0 }`,
      'use_backend %[var(txn.group),concat(.open)] if { var(txn.group),nbsrv eq 0 }',
      'use_backend %[var(txn.group)] if { var(txn.group) -m found }',
    ])
  })

  it('is left out until its group is known', () => {
    const facts = [...usualFacts(), listenerFact(81, { rules: [ruleOf(forwardTo(['unknown', 1]))] })]
    expect(textOf(facts)).not.toContain(':81')
  })

  it('of a network load balancer takes connections, by weight', () => {
    const tcp = { protocol: 'TCP' } as const
    const rules = [ruleOf(forwardTo(['blue', 3], ['green', 1]))]
    const facts = usualFacts({ ...tcp, rules }, tcp, { type: 'network' })
    expect(frontendOf(facts)).toEqual([
      'mode tcp',
      'bind 127.0.9.1:80',
      'timeout client 350s',
      `tcp-request content set-var(txn.group) str(${blue}) if { rand(4) lt 3 }`,
      `tcp-request content set-var(txn.group) str(${green}) if !{ var(txn.group) -m found }`,
      'use_backend %[var(txn.group),concat(.open)] if { var(txn.group),nbsrv eq 0 }',
      'use_backend %[var(txn.group)] if { var(txn.group) -m found }',
    ])
  })
})

describe('a condition', () => {
  it.each<[IngressCondition, string[]]>([
    [
      {
        field: 'host-header',
        values: ['a.com', '*.a.com', 'b-*', 'x?.com', "it's.com"],
        isRegex: false,
      },
      [
        String.raw`acl rule0.0 req.hdr(host),host_only -i -m str -- a.com 'it'\''s.com'`,
        'acl rule0.0 req.hdr(host),host_only -i -m end -- .a.com',
        'acl rule0.0 req.hdr(host),host_only -i -m beg -- b-',
        String.raw`acl rule0.0 req.hdr(host),host_only -i -m reg -- '^x.\.com$'`,
      ],
    ],
    [
      { field: 'path-pattern', values: ['/img/*', '/a b', '*'], isRegex: false },
      [
        'acl rule0.0 path -m beg -- /img/',
        "acl rule0.0 path -m str -- '/a b'",
        "acl rule0.0 path -m reg -- '^.*$'",
      ],
    ],
    [
      { field: 'path-pattern', values: ['^/v[12]/'], isRegex: true },
      ["acl rule0.0 path -m reg -- '^/v[12]/'"],
    ],
    [
      { field: 'http-header', name: 'User-Agent', values: ['*Chrome*'], isRegex: false },
      [String.raw`acl rule0.0 'req.fhdr('\''User-Agent'\'')' -i -m reg -- '^.*Chrome.*$'`],
    ],
    [
      { field: 'http-request-method', values: ['GET', 'PURGE'], isRegex: false },
      ['acl rule0.0 method -m str -- GET PURGE'],
    ],
    [
      { field: 'query-string', values: [{ key: 'version', value: 'v1' }, { value: String.raw`*\*?` }] },
      [String.raw`acl rule0.0 query -i -m reg -- '(^|&)version=v1(&|$)' '(^|&)([^&=]*=)?[^&]*\*[^&](&|$)'`],
    ],
    [
      { field: 'source-ip', values: ['10.0.0.0/8', '2001:db8::/32'] },
      ['acl rule0.0 src -- 10.0.0.0/8 2001:db8::/32'],
    ],
  ])('is an access list: %j', (condition, expected) => {
    expect(conditionsOf(condition)).toEqual(expected)
  })

  it('of any text is one that HAProxy takes', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter(value => !/\0/.test(value))
    fc.assert(
      fc.property(text, value => {
        conditionsOf(
          { field: 'path-pattern', values: [value], isRegex: false },
          { field: 'query-string', values: [{ key: value, value }] },
          { field: 'http-header', name: "'#`$x|", values: [value], isRegex: false },
        )
      }),
      { numRuns: 20 },
    )
  })
})

describe('an action', () => {
  const redirect = {
    type: 'redirect',
    protocol: 'HTTPS',
    host: '#{host}',
    port: '443',
    path: '/#{path}',
    query: '#{query}',
    statusCode: 301,
  } as const

  it.each<[string, IngressAction, string[]]>([
    [
      'redirects',
      redirect,
      [
        "http-request redirect location 'https://%[req.hdr(host),host_only]:443/%[path,bytes(1)]?%[query]' code 301 if { query -m len gt 0 }",
        "http-request redirect location 'https://%[req.hdr(host),host_only]:443/%[path,bytes(1)]' code 301",
      ],
    ],
    [
      'redirects to one place',
      { ...redirect, host: 'b.com', path: '/100%', query: 'a=1', statusCode: 302 },
      ["http-request redirect location 'https://b.com:443/100%%?a=1' code 302"],
    ],
    [
      'answers',
      { type: 'fixed-response', statusCode: 418, contentType: 'text/html', body: "it's" },
      [String.raw`http-request return status 418 content-type text/html string 'it'\''s'`],
    ],
    [
      'forwards by weight',
      forwardTo(['blue', 80], ['green', 20]),
      [
        `http-request set-var(txn.group) str(${blue}) if { rand(100) lt 80 }`,
        `http-request set-var(txn.group) str(${green}) if !{ var(txn.group) -m found }`,
      ],
    ],
    ['forwards nothing to a weight of 0', forwardTo(['blue', 0], ['green', 20]), []],
  ])('%s', (_, action, expected) => {
    expect(actionsOf(action).filter(line => !line.startsWith('use_backend'))).toEqual(expected)
  })

  it('keeps a client with its group', () => {
    const rules = [ruleOf({ ...forwardTo(['blue', 1], ['green', 1]), stickySeconds: 60 } as IngressAction)]
    const groups = usualFacts({ rules }).map(fact =>
      fact.kind === 'target-group' && fact.arn.includes('green')
        ? { ...fact, arn: fact.arn.replace(/.$/, '8') }
        : fact,
    )
    const facts = JSON.parse(
      JSON.stringify(groups).replaceAll('green/73e2d6bc24d8a067', 'green/73e2d6bc24d8a068'),
    ) as IngressFact[]
    const other = 'targetgroup.green.73e2d6bc24d8a068'
    expect(frontendOf(facts).filter(line => /set-var\(txn|Set-Cookie/.test(line))).toEqual([
      `http-request set-var(txn.group) str(${blue}) if { req.cook(AWSALBTG) -m str 73e2d6bc24d8a067 }`,
      `http-request set-var(txn.group) str(${other}) if { req.cook(AWSALBTG) -m str 73e2d6bc24d8a068 }`,
      `http-request set-var(txn.group) str(${blue}) if !{ var(txn.group) -m found } { rand(2) lt 1 }`,
      `http-request set-var(txn.group) str(${other}) if !{ var(txn.group) -m found }`,
      `http-response add-header Set-Cookie 'AWSALBTG=73e2d6bc24d8a067; Max-Age=60; Path=/' if { var(txn.group) -m str ${blue} }`,
      `http-response add-header Set-Cookie 'AWSALBTG=73e2d6bc24d8a068; Max-Age=60; Path=/' if { var(txn.group) -m str ${other} }`,
    ])
  })
})

describe('a target group', () => {
  it('has its targets, and room for more, twice: with regard to their health and without', () => {
    const text = checked(textOf(usualFacts()))
    expect(linesOf(text, /^backend targetgroup\.blue\.[0-9a-f]+$/)).toEqual([
      'mode http',
      'balance roundrobin',
      'timeout server 60s',
      'timeout tunnel 60s',
      'retry-on conn-failure empty-response',
      'http-request disable-l7-retry unless METH_GET or METH_HEAD or METH_OPTIONS',
      'option httpchk',
      'http-check send meth GET uri / ver HTTP/1.1 hdr Host 127.0.9.1 hdr User-Agent ELB-HealthChecker/2.0',
      'http-check expect status 200',
      'timeout check 5s',
      'load-server-state-from-file global',
      'default-server check inter 30s downinter 1s rise 5 fall 2 no-check-ssl',
      'server host1 10.0.0.5:8080',
      'server host2 127.0.0.1:9 disabled',
    ])
    expect(linesOf(text, /^backend targetgroup\.blue\..*\.open$/)).toEqual([
      'mode http',
      'balance roundrobin',
      'timeout server 60s',
      'timeout tunnel 60s',
      'retry-on conn-failure empty-response',
      'http-request disable-l7-retry unless METH_GET or METH_HEAD or METH_OPTIONS',
      'server host1 10.0.0.5:8080',
      'server host2 127.0.0.1:9 disabled',
    ])
  })

  it.each<[string, Parameters<typeof groupFact>[1], string[]]>([
    [
      'of HTTPS and HTTP/2',
      {
        protocol: 'HTTPS',
        protocolVersion: 'HTTP2',
        healthCheck: { ...groupFact('x').healthCheck, protocol: 'HTTPS', port: 9000, matcher: '200-299,301' },
      },
      [
        'http-check expect status 200-299,301',
        'default-server ssl verify none alpn h2 check inter 30s downinter 1s rise 5 fall 2 port 9000 check-ssl verify none check-alpn h2',
      ],
    ],
    [
      'of gRPC',
      { protocolVersion: 'GRPC', healthCheck: { ...groupFact('x').healthCheck, matcher: '0,12-13' } },
      [
        "http-check expect hdr name grpc-status value -m reg '^(0|12|13)$'",
        'default-server proto h2 check inter 30s downinter 1s rise 5 fall 2 no-check-ssl check-proto h2',
      ],
    ],
    [
      'with the load balancer’s cookie, least outstanding requests and slow start',
      {
        attributes: {
          'stickiness.enabled': 'true',
          'stickiness.type': 'lb_cookie',
          'stickiness.lb_cookie.duration_seconds': '60',
          'load_balancing.algorithm.type': 'least_outstanding_requests',
          'slow_start.duration_seconds': '30',
        },
      },
      [
        'balance leastconn',
        'cookie AWSALB insert dynamic maxidle 60s',
        `dynamic-cookie-key ${blue}`,
        'default-server check inter 30s downinter 1s rise 5 fall 2 no-check-ssl slowstart 30s',
      ],
    ],
    [
      'with a cookie of the application',
      {
        attributes: {
          'stickiness.enabled': 'true',
          'stickiness.type': 'app_cookie',
          'stickiness.app_cookie.cookie_name': 'session',
          'load_balancing.algorithm.type': 'weighted_random',
        },
      },
      [
        'balance random(1)',
        'stick-table type string len 128 size 100k expire 86400s peers berth',
        String.raw`stick on 'req.cook('\''session'\'')'`,
        String.raw`stick store-response 'res.cook('\''session'\'')'`,
      ],
    ],
  ])('%s', (_, group, expected) => {
    expect(backendOf(usualFacts({}, group))).toEqual(expect.arrayContaining(expected))
  })

  it('of TCP tells targets of their clients, and keeps a client’s address with a target', () => {
    const tcp = { protocol: 'TCP' } as const
    const group = {
      ...tcp,
      healthCheck: { ...groupFact('x').healthCheck, protocol: 'TCP' },
      attributes: { 'proxy_protocol_v2.enabled': 'true', 'stickiness.enabled': 'true' },
    } as const
    expect(backendOf(usualFacts(tcp, group, { type: 'network' }))).toEqual([
      'mode tcp',
      'balance source',
      'hash-type consistent',
      'timeout server 350s',
      'timeout tunnel 350s',
      'option tcp-check',
      'timeout check 5s',
      'load-server-state-from-file global',
      'default-server send-proxy-v2 check inter 30s downinter 1s rise 5 fall 2 no-check-ssl on-marked-down shutdown-sessions',
      'server host1 10.0.0.5:8080',
      'server host2 127.0.0.1:9 disabled',
    ])
  })
})
