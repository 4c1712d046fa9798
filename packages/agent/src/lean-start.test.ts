import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const program = `
import { beginAgainWithoutCompiler } from ${JSON.stringify(join(import.meta.dirname, 'lean-start.ts'))}
process.stdout.write('begin ')
beginAgainWithoutCompiler()
const hasCompiler: boolean = process.moduleLoadList.some((name: string) => name.includes('amaro'))
process.stdout.write(JSON.stringify({ pid: process.pid, argument: process.argv[2], hasCompiler }))
`

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-lean-start-'))
  writeFileSync(join(directory, 'program.ts'), program)
})
afterEach(() => rmSync(directory, { recursive: true }))

const run = (environment: Record<string, string>) => {
  const { pid, stdout } = spawnSync(process.execPath, [join(directory, 'program.ts'), 'argument'], {
    encoding: 'utf8',
    env: environment,
  })
  const begins = stdout.split('begin ').length - 1
  return {
    begins,
    isSameProcess: stdout.includes(`"pid":${pid}`),
    said: JSON.parse(stdout.split('begin ').at(-1) ?? ''),
  }
}

test('a program whose types had to be stripped begins again as the same process, without the compiler', () => {
  const withCache = { NODE_COMPILE_CACHE: join(directory, 'cache') }
  const lean = { isSameProcess: true, said: { argument: 'argument', hasCompiler: false } }
  expect(run(withCache)).toMatchObject({ begins: 2, ...lean })
  expect(run(withCache)).toMatchObject({ begins: 1, ...lean })
})

test('without a cache, or with one that cannot be written, it goes on as it is', () => {
  const asItIs = { isSameProcess: true, said: { argument: 'argument', hasCompiler: true } }
  expect(run({})).toMatchObject({ begins: 1, ...asItIs })
  writeFileSync(join(directory, 'file'), '')
  const { begins, ...rest } = run({ NODE_COMPILE_CACHE: join(directory, 'file') })
  expect(begins).toBeLessThanOrEqual(2)
  expect(rest).toMatchObject(asItIs)
})
