import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ResourceTask } from '../tasks/resources/task-resource.ts'
import { container, payload, startTestHost } from '../tasks/tasks-fixtures.ts'
import { createFirelens } from './firelens.ts'

const credentials = {
  credentialsId: '1',
  roleArn: 'arn:aws:iam::000000000000:role/execution',
  accessKeyId: 'a',
  secretAccessKey: 'b',
  sessionToken: 'c',
  expiration: '2026-01-01T00:00:00Z',
}

const sender = (members: object = {}) =>
  container('app', {
    definition: { logConfiguration: { logDriver: 'awsfirelens', options: { Name: 'http' }, ...members } },
  })
const router = (options: Record<string, string> = {}) =>
  container('router', { definition: { firelensConfiguration: { type: 'fluentbit', options } } })

describe('a log router', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'berth-firelens-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const firelens = () =>
    createFirelens({
      directory,
      readSecret: async valueFrom => `value of ${valueFrom}`,
      readObject: async ({ bucket, key }) => Buffer.from(`${bucket}/${key}`),
    })
  const taskOf = (containers: Parameters<typeof payload>[1]): ResourceTask => ({
    payload: payload('a', containers),
    credentials: () => ({ executionRole: credentials }),
  })
  const written = (name: string): string => readFileSync(join(directory, 'a/config', name), 'utf8')

  it('starts before those who log to it, and stops after them', async () => {
    const host = await startTestHost({ resources: [firelens()] })
    await host.give(payload('a', [sender(), router()]))
    const called = (what: string) =>
      host.engine.calls.filter(call => call.startsWith(what)).map(call => call.split('-')[3])
    // The files are real ones, which the standing clock knows nothing of.
    await vi.waitFor(() => expect(called('start')).toEqual(['router', 'app']))
    expect(host.engine.named('app')?.spec.logging).toEqual({
      driver: 'fluentd',
      options: {
        'fluentd-address': `unix://${join(directory, 'a/socket/fluent.sock')}`,
        'fluentd-async': 'true',
        'fluentd-sub-second-precision': 'true',
        tag: 'app-firelens-a',
      },
    })
    await host.stop('a')
    await host.clock.advance(60_000)
    expect(called('stop')).toEqual(['app', 'router'])
    await vi.waitFor(() => expect(existsSync(join(directory, 'a'))).toBe(false))
  })

  it('has secret options in its environment, and the file only their names', async () => {
    const task = taskOf([sender({ secretOptions: [{ name: 'apikey', valueFrom: 'key' }] }), router()])
    const amend = await firelens().prepare(task)
    expect(written('fluent.conf')).toContain(`apikey \${apikey_app}`)
    const spec = { environment: { A: '1' }, mounts: [] } as never
    expect(amend?.(router(), spec).environment).toEqual({ A: '1', apikey_app: 'value of key' })
  })

  it('includes an object of a bucket', async () => {
    const options = { 'config-file-type': 's3', 'config-file-value': 'arn:aws:s3:::bucket/extra.conf' }
    await firelens().prepare(taskOf([sender(), router(options)]))
    expect(written('external.conf')).toBe('bucket/extra.conf')
    expect(written('fluent.conf')).toContain('@INCLUDE /fluent-bit/etc/external.conf')
  })
})
