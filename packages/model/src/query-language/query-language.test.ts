import { expect, test } from 'vitest'
import { evaluate, parseExpression, QuerySyntaxError } from './index.ts'
import { compilePattern } from './pattern.ts'

const instance: Record<string, readonly string[]> = {
  agentConnected: ['true'],
  agentVersion: ['1.99.10'],
  ec2InstanceId: ['i-0123'],
  registeredAt: ['2026-05-01T12:00:00Z'],
  runningTasksCount: ['10'],
  'task:group': ['service:web', 'database'],
  'attribute:ecs.instance-type': ['t2.small'],
  'attribute:ecs.availability-zone': ['us-east-1a'],
  'attribute:gpu': [''],
  'attribute:rank': ['9'],
  'attribute:rack': ['row 2'],
}
const selects = (text: string): boolean => evaluate(parseExpression(text), subject => instance[subject] ?? [])

test.each([
  ['attribute:ecs.instance-type == t2.small', true],
  ['attribute:ecs.instance-type equals t2.small', true],
  ['attribute:ecs.instance-type != t2.small', false],
  ['attribute:ecs.availability-zone in [us-east-1a, us-east-1b]', true],
  ['attribute:ecs.availability-zone not_in [us-east-1a,us-east-1b]', false],
  ['attribute:ecs.availability-zone !in [us-west-2a]', true],
  ['attribute:ecs.instance-type =~ t2.*', true],
  ['attribute:ecs.instance-type =~ g2.*|p2.*', false],
  ['attribute:ecs.instance-type =~ (t2|t3)\\.(small|large)', true],
  ['attribute:ecs.instance-type =~ t2', false],
  ['attribute:ecs.instance-type !~ g.*', true],
  ['attribute:gpu exists', true],
  ['attribute:gpu !exists', false],
  ['attribute:stack not_exists', true],
  ['attribute:stack == prod', false],
  ['attribute:stack != prod', true],
  ['attribute:rank < 10', true],
  ['attribute:rack == "row 2"', true],
  ['agentConnected == true', true],
  ['agentVersion >= 1.100.0', false],
  ['agentVersion > 1.99.9', true],
  ['ec2InstanceId in [i-0123]', true],
  ['registeredAt > 2026-05-01', true],
  ['registeredAt > 2026-05-01T14:00:00+02:00', false],
  ['registeredAt == 2026-05-01T14:00:00+02:00', true],
  ['registeredAt <= 2026-05-01T12:00:00', true],
  ['runningTasksCount >= 9', true],
  ['runningTasksCount < 10', false],
  ['task:group == service:web', true],
  ['task:group == database', true],
  ['not(task:group == database)', false],
  ['!(task:group == cache)', true],
  ["ec2InstanceId in ['i-abcd1234', 'i-0123']", true],
  ['ec2InstanceId =~ i-01.*', true],
  ['ec2InstanceId !~ i-01.*', false],
  ['agentConnected != true', false],
  ['agentConnected in [true, false]', true],
  ['agentConnected not_matches t.*', false],
  ['agentVersion equals 1.99.10', true],
  ['agentVersion less_than 1.100', true],
  ['agentVersion less_than_equal 1.99.10', true],
  ['runningTasksCount greater_than 10', false],
  ['runningTasksCount greater_than_equal 10', true],
  ['runningTasksCount != 10', false],
  ['task:group exists', true],
  ['task:group matches service:.*', true],
  ['task:group not_in [cache, batch]', true],
  ['attribute:rack exists and attribute:stack !exists', true],
  ['attribute:stack in [prod]', false],
  ['attribute:stack not_in [prod]', true],
  ['attribute:stack =~ .*', false],
  ['attribute:stack not_matches p.*', true],
  ['attribute:stack > a', false],
  ['attribute:rank not_equals 8', true],
  ['attribute:ecs.instance-type matches t2.* && not attribute:ecs.availability-zone == us-east-1d', true],
  ['registeredAt < 2018-02-13', false],
])('%s selects: %s', (text, expected) => {
  expect(selects(text)).toBe(expected)
})

test('and binds tighter than or, and parentheses tighter than both', () => {
  const yes = 'runningTasksCount == 10'
  const no = 'runningTasksCount == 0'
  expect(selects(`${yes} or ${yes} and ${no}`)).toBe(true)
  expect(selects(`(${yes} or ${yes}) and ${no}`)).toBe(false)
  expect(selects(`${yes}||${yes}&&${no}`)).toBe(true)
  expect(selects(`not ${no} && ! ${no}`)).toBe(true)
})

test.each([
  ['', 'Invalid expression: expected a subject, found the end at position 0.'],
  ['runningTasksCount', 'Invalid expression: expected an operator, found the end at position 17.'],
  ['dockerVersion == 20', 'Invalid expression: there is no subject dockerVersion at position 0.'],
  ['attribute: == a', 'Invalid expression: there is no subject attribute: at position 0.'],
  ['runningTasksCount == many', 'Invalid expression: many is no number at position 21.'],
  ['registeredAt > 2026-02-30', 'Invalid expression: 2026-02-30 is no date at position 15.'],
  [
    'runningTasksCount =~ 1.*',
    'Invalid expression: runningTasksCount cannot be compared with =~ at position 18.',
  ],
  ['agentVersion exists', 'Invalid expression: agentVersion cannot be compared with exists at position 13.'],
  ['attribute:a ~~ b', 'Invalid expression: expected an operator, found "~~ b" at position 12.'],
  ['agentConnected > true', 'Invalid expression: agentConnected cannot be compared with > at position 15.'],
  ['attribute:a in x', 'Invalid expression: expected a list in brackets, found "x" at position 15.'],
  [
    'attribute:a in [x',
    'Invalid expression: expected a comma or a closing bracket, found the end at position 17.',
  ],
  ['attribute:a ==', 'Invalid expression: expected an argument, found the end at position 14.'],
  ['(attribute:a == b', 'Invalid expression: expected a closing parenthesis, found the end at position 17.'],
  [
    'attribute:a == b c',
    'Invalid expression: expected the end or a boolean operator, found "c" at position 17.',
  ],
  ['attribute:a =~ x(?=y)', 'Invalid expression: Only (?:…) groups are supported at position 15.'],
])('%s is refused', (text, message) => {
  expect(() => parseExpression(text)).toThrow(QuerySyntaxError)
  expect(() => parseExpression(text)).toThrow(message)
})

test('nesting without end is refused, and does not exhaust the stack', () => {
  expect(() => parseExpression('('.repeat(2000))).toThrow('nested too deeply')
})

test('a pattern that makes backtracking engines hang takes no time', () => {
  const pattern = compilePattern('(a+)+(a|aa)*(.*a){20}$')
  expect(pattern.matches(`${'a'.repeat(128)}b`)).toBe(false)
})

test.each([
  ['t2\\..*', 't2.small', true],
  ['t2\\..*', 't2small', false],
  ['[a-c1]{2,3}', 'b1c', true],
  ['[a-c]{2,3}', 'abca', false],
  ['[^-]+', 'a-b', false],
  ['\\d+(\\.\\d+)?', '12.5', true],
  ['^abc$', 'abc', true],
  ['(?:x|y)*z', 'xyxz', true],
  ['a{2}', 'aa', true],
  ['a{2,}', 'a', false],
  ['[]a]', ']', true],
  ['', '', true],
])('the pattern %s against %s: %s', (source, text, expected) => {
  expect(compilePattern(source).matches(text)).toBe(expected)
})

test('a pattern that would be too large is refused', () => {
  expect(() => compilePattern('(a{999}){999}')).toThrow('too large')
})
