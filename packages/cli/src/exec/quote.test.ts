import { expect, test } from 'vitest'
import { quoteCommand } from './quote.ts'

test('words that a shell would take apart are quoted', () => {
  expect(quoteCommand(['sh', '-c', "echo 'a b' | wc", ''])).toBe(`sh -c 'echo '"'"'a b'"'"' | wc' ''`)
})
