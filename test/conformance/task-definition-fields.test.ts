import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fields, rows, toMarkdown } from './fields/table.ts'

const repository = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(repository, path), 'utf8')

test('every field of a task definition has a row that says what happens on a host, and no row is of another field', () => {
  expect(Object.keys(rows).sort()).toEqual([...fields].sort())
})

test('every test that a row names exists', () => {
  const absent = Object.entries(rows).filter(
    ([, { test: named }]) =>
      named && !(existsSync(join(repository, named[0])) && read(named[0]).includes(named[1])),
  )
  expect(absent).toEqual([])
})

test('docs/task-definition.md shows these rows; `npm run fields` writes it anew', () => {
  expect(read('docs/task-definition.md')).toBe(toMarkdown())
})
