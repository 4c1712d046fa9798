import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { endLoadBalancers } from './load-balancer-processes.ts'

/** HAProxy as an agent of the data directory starts it. */
const haproxyOf = async (dataDir: string) => {
  const directory = join(dataDir, 'agent', 'ingress')
  mkdirSync(directory, { recursive: true })
  const configuration = join(directory, 'haproxy.cfg')
  writeFileSync(configuration, `global\n  stats socket unix@${directory}/stats.sock\n`)
  const child = spawn('haproxy', ['-W', '-S', `${directory}/master.sock,mode,600`, '-f', configuration], {
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const isReady = new Promise<void>(resolve => {
    child.stderr.on('data', text => String(text).includes('Loading success') && resolve())
  })
  await isReady
  return child
}

test('the HAProxy of a data directory is ended with its workers, and that of no other one', async () => {
  const directories = ['one', 'other'].map(name => mkdtempSync(join(tmpdir(), `berth-${name}-`)))
  onTestFinished(() => {
    for (const directory of directories) rmSync(directory, { recursive: true })
  })
  const [one = '', other = ''] = directories
  const [child, neighbour] = [await haproxyOf(one), await haproxyOf(other)]
  const ended = once(child, 'exit')
  expect(endLoadBalancers(one)).toBeGreaterThan(0)
  await ended
  expect(endLoadBalancers(one)).toBe(0)
  expect(neighbour.exitCode).toBeNull()
  const neighbourEnded = once(neighbour, 'exit')
  endLoadBalancers(other)
  await neighbourEnded
})
