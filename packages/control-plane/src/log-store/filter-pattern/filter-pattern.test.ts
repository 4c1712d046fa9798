import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileFilterPattern, FilterPatternError } from './index.ts'
import { compileRegex } from './regex.ts'

const matching = (pattern: string, ...messages: string[]): string[] =>
  messages.filter(compileFilterPattern(pattern))

describe('term patterns', () => {
  const messages = [
    '[ERROR 400] BAD REQUEST',
    '[ERROR 401] UNAUTHORIZED REQUEST',
    '[ERROR 419] MISSING ARGUMENTS',
    '[INFO] ok',
  ]
  const [bad, unauthorized, missing, info] = messages
  test.each<[string, (string | undefined)[]]>([
    ['', messages],
    ['  ', messages],
    ['ERROR', [bad, unauthorized, missing]],
    ['error', []],
    ['ERROR ARGUMENTS', [missing]],
    ['ARGUMENTS ERROR', [missing]],
    ['?ERROR ?INFO', messages],
    ['?419 ?ok', [missing, info]],
    ['?419 INFO', [info]],
    ['ERROR -ARGUMENTS', [bad, unauthorized]],
    ['-ERROR', [info]],
    ['"BAD REQUEST"', [bad]],
    ['"REQUEST BAD"', []],
    ['-"BAD REQUEST" ERROR', [unauthorized, missing]],
    ['%AUTHORIZED%', [unauthorized]],
    ['%4[01][01]%', [bad, unauthorized]],
    ['%^.INFO.%', [info]],
    ['""', messages],
  ])('%s', (pattern, expected) => expect(matching(pattern, ...messages)).toEqual(expected))

  test('a quoted phrase may hold quotation marks', () => {
    expect(matching('"say \\"hi\\""', 'say "hi"', 'say hi')).toEqual(['say "hi"'])
  })
})

describe('JSON patterns', () => {
  const event = {
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    arrayKey: ['value', 'another value'],
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
    SomeObject: null,
    cluster: { 'c.name': 'web' },
    ok: true,
    failed: false,
    number: 1.5,
    text: '12',
    status: 404,
  }
  test.each<[string, boolean]>([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{$.eventType=UpdateTrail}', true],
    ['{ $.eventType = "Update*" }', true],
    ['{ $.eventType = Update* }', true],
    ['{ $.eventType = "*Tra*l" }', true],
    ['{ $.eventType = "update*" }', false],
    ['{ $.eventType != "UpdateTrail" }', false],
    ['{ $.missing != "x" }', false],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.sourceIPAddress = %111\\.1{3}% }', true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[1] = "value" }', false],
    ['{ $.arrayKey[*] = "another value" }', true],
    ['{ $.objectList[1].id = 2 }', true],
    ['{ $.objectList[*].id > 2 }', false],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.SomeObject NOT EXISTS }', false],
    ["{ $.cluster['c.name'] = web }", true],
    ['{ $.cluster["c.name"] = web }', true],
    ['{ $.ok IS TRUE && $.failed IS FALSE }', true],
    ['{ $.ok IS FALSE }', false],
    ['{ $.number = 1.5 }', true],
    ['{ $.number >= 15e-1 }', true],
    ['{ $.number < 1 }', false],
    ['{ $.text = 12 }', true],
    ['{ $.status = 4* }', true],
    ['{ $.status >= 400 && $.status < 500 }', true],
    ['{ ($.status = 1) || ($.ok IS TRUE && ($.number > 1)) }', true],
    ['{ $.status = 1 || $.ok IS TRUE && $.number > 2 }', false],
    ['{ $.* = 404 }', true],
  ])('%s', (pattern, expected) =>
    expect(matching(pattern, JSON.stringify(event))).toHaveLength(expected ? 1 : 0),
  )

  test('other messages never match', () => {
    expect(matching('{ $.a NOT EXISTS }', 'plain', '{"a"', '', '5', '{}')).toEqual(['{}'])
  })
})

describe('space-delimited patterns', () => {
  const line = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
  test.each<[string, boolean]>([
    ['[ip, user, username, timestamp, request, status_code, bytes]', true],
    ['[ip, user, username, timestamp, request, status_code]', false],
    ['[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]', true],
    ['[..., status_code=404, bytes > 1000]', true],
    ['[ip, ..., bytes > 2000]', false],
    ['[ip, ...]', true],
    ['[ip = 127*, user != Prod, ...]', false],
    ['[..., request="GET*", status_code = 4* && status_code != 403, bytes]', true],
    ['[w1=%^10% || w1=%^127%, ...]', true],
    ['[w1, w2=Prod && (w2=P* || w2=x), ...]', true],
    ['[..., timestamp = "10/Oct*", request, status, bytes]', true],
  ])('%s', (pattern, expected) => expect(matching(pattern, line)).toHaveLength(expected ? 1 : 0))
})

test.each([
  '"open',
  '%open',
  '%a(b)%',
  '%a!%',
  '%a**%',
  '%[%',
  '%a{3,1}%',
  'foo.bar',
  'a:b',
  '{',
  '{}',
  '{ $.a }',
  '{ $.a = }',
  '{ $.a = 1',
  '{ $.a = 1 && }',
  '{ a = 1 }',
  '{ ($.a = 1 }',
  '{ $.a = 1 } x',
  '[',
  '[]',
  '[a',
  '[a, ]',
  '[a=1 && b=2]',
  '[..., ...]',
  '[a] x',
  '- a',
])('refuses %s', pattern => {
  expect(() => compileFilterPattern(pattern)).toThrow(FilterPatternError)
})

test('any text either compiles or is refused as a filter pattern', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '$.a',
    '$',
    '=',
    '"',
    '%',
    '&&',
    '||',
    '(',
    ')',
    'x',
    '*',
    ' ',
    ',',
    '...',
    '1',
    '?',
    '-',
    '\\',
  )
  fc.assert(
    fc.property(
      fc.array(pieces).map(all => all.join('')),
      fc.string(),
      (pattern, message) => {
        try {
          expect(typeof compileFilterPattern(pattern)(message)).toBe('boolean')
        } catch (error) {
          expect(error).toBeInstanceOf(FilterPatternError)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('a regular expression matches what JavaScript matches', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\.', '\\b')
  const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '{1,}')
  const piece = fc.tuple(atom, quantifier).map(([a, q]) => (a === '\\b' ? a : a + q))
  const sequence = fc.array(piece, { minLength: 1, maxLength: 5 }).map(all => all.join(''))
  const expression = fc
    .tuple(
      fc.constantFrom('', '^'),
      fc.array(sequence, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '$'),
    )
    .map(([begin, all, end]) => begin + all.join('|') + end)
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', '1', '.', ' '), { maxLength: 8 })
    .map(all => all.join(''))
  fc.assert(
    fc.property(expression, text, (source, subject) => {
      expect(compileRegex(source)(subject)).toBe(new RegExp(source, 's').test(subject))
    }),
    { numRuns: 3000 },
  )
})

test('a regular expression takes time linear in the text', () => {
  expect(compileRegex('.*.*.*.*.*x')('a'.repeat(20_000))).toBe(false)
})
