import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { shellWord } from './env.ts'

it.each(['AKIA12+/=', 'two words', "it's", '$(touch /nowhere)', '`x`;"', ''])(
  'writes %j so that a shell reads the same',
  value => {
    const shown = execFileSync('/bin/sh', ['-c', `x=${shellWord(value)}; printf %s "$x"`], {
      encoding: 'utf8',
    })
    expect(shown).toBe(value)
  },
)
