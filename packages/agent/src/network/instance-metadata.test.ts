import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { runCommand } from '../metadata/index.ts'
import { blockInstanceMetadata } from './instance-metadata.ts'

const host = `berth-imds-${process.pid}`
const container = `${host}-c`
const ip = (line: string) => execFileSync('ip', line.split(' '), { encoding: 'utf8' })
let server: ReturnType<typeof spawn>

beforeEach(async () => {
  for (const name of [host, container]) ip(`netns add ${name}`)
  for (const line of [
    'link set lo up',
    'address add 169.254.169.254/32 dev lo',
    'link add docker0 type bridge',
    'address add 172.17.0.1/16 dev docker0',
    'link set docker0 up',
    `link add vethc type veth peer name eth0 netns ${container}`,
    'link set vethc master docker0 up',
  ])
    ip(`-n ${host} ${line}`)
  for (const line of [
    'address add 172.17.0.2/16 dev eth0',
    'link set eth0 up',
    'route add default via 172.17.0.1',
  ])
    ip(`-n ${container} ${line}`)
  const script =
    "require('http').createServer((q,s)=>s.end('role')).listen(80,'169.254.169.254',()=>console.log('up'))"
  server = spawn('ip', ['netns', 'exec', host, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (server.stdout) await once(server.stdout, 'data')
})
afterEach(() => {
  server.kill('SIGKILL')
  for (const name of [host, container]) ip(`netns delete ${name}`)
})

/** The metadata as a container on the bridge sees it. */
const asked = (): string => {
  const script =
    "require('http').get('http://169.254.169.254/',{timeout:1500},r=>r.pipe(process.stdout)).on('timeout',()=>process.exit()).on('error',()=>process.exit())"
  return execFileSync('ip', ['netns', 'exec', container, process.execPath, '-e', script], {
    encoding: 'utf8',
  })
}

test('a container on the bridge reaches the metadata of the machine only if the operator lets it, and the rule is mended', async () => {
  const clock = createManualClock()
  const options = (blocksInstanceMetadata: boolean) => ({
    ...{ clock, log: silentLog, engine: { defaultBridge: async () => 'docker0' } },
    run: (program: string, args: readonly string[], input?: string) =>
      runCommand('nsenter', [`--net=/run/netns/${host}`, program, ...args], input),
    configuration: { dataDirectory: '/var/lib/berth/agent', blocksInstanceMetadata },
  })
  expect(asked()).toBe('role')
  const block = await blockInstanceMetadata(options(true))
  expect(asked()).toBe('')
  ip(`netns exec ${host} nft flush ruleset`)
  expect(asked()).toBe('role')
  await clock.advance(10_000)
  await block.stop()
  expect(asked()).toBe('')
  await (await blockInstanceMetadata(options(false))).stop()
  expect(asked()).toBe('role')
})
