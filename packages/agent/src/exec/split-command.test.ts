import { expect, test } from 'vitest'
import { splitCommand } from './split-command.ts'

test.each([
  ['/bin/sh', ['/bin/sh']],
  ['  ls   -l\t/tmp ', ['ls', '-l', '/tmp']],
  [`sh -c 'ls | wc -l'`, ['sh', '-c', 'ls | wc -l']],
  [`sh -c "echo \\"a b\\" \\$HOME \\n"`, ['sh', '-c', 'echo "a b" $HOME \\n']],
  [`echo a\\ b ''`, ['echo', 'a b', '']],
  [`echo 'it'"'"'s'`, ['echo', "it's"]],
  ['', []],
])('%j are the words %j', (line, words) => {
  expect(splitCommand(line)).toEqual(words)
})

test.each([`echo 'a`, `echo "a`, 'echo a\\'])('%j is not closed', line => {
  expect(() => splitCommand(line)).toThrow('The command')
})
