import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readHookTargets } from './targets-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'berth-hooks-'))
afterAll(() => rmSync(directory, { recursive: true }))

const read = (content: unknown) => {
  const path = join(directory, 'hooks.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return readHookTargets(path)
}
const arn = 'arn:aws:lambda:us-east-1:000000000000:function:check'

describe('the file of hook targets', () => {
  it('names a URL or a task for each ARN', () => {
    const task = { taskDefinition: 'migrate', cluster: 'tools' }
    expect([
      ...read({ [arn]: { url: 'https://ci/check', headers: { authorization: 'x' } }, [`${arn}2`]: task }),
    ]).toEqual([
      [arn, { kind: 'url', url: 'https://ci/check', headers: { authorization: 'x' } }],
      [`${arn}2`, { kind: 'task', task }],
    ])
  })

  it('need not be there', () => {
    expect(readHookTargets(undefined).size).toBe(0)
  })

  it.each<[unknown, string]>([
    ['{', 'JSON'],
    [[], 'must be a JSON object'],
    [{ check: { url: 'http://ci' } }, 'check is not an ARN'],
    [{ [arn]: {} }, 'either a url or a taskDefinition'],
    [{ [arn]: { url: 'http://ci', taskDefinition: 'web' } }, 'either a url or a taskDefinition'],
    [{ [arn]: { url: 'ftp://ci' } }, 'must begin with http:// or https://'],
    [{ [arn]: { url: 'http://ci', method: 'GET' } }, 'has method'],
    [{ [arn]: { url: 'http://ci', headers: { a: 1 } } }, 'headers'],
    [{ [arn]: { taskDefinition: '' } }, 'must be a family'],
    [{ [arn]: { taskDefinition: 'web', count: 2 } }, 'has count'],
  ])('is refused, naming the file: %j', (content, problem) => {
    expect(() => read(content)).toThrow(
      new RegExp(`The file of BERTH_HOOKS, .*hooks.json: .*${problem.replaceAll('/', '.')}`),
    )
  })

  it('is refused where there is none', () => {
    expect(() => readHookTargets(join(directory, 'none.json'))).toThrow('no such file')
  })
})
