/** Addresses of load balancers on a network of hosts and clients: namespaces that a bridge joins. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { runCommand } from '../metadata/index.ts'
import { FrontAddresses } from './front-addresses.ts'

const address = '10.9.0.50'
const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' })

const end = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** A bridge, and a namespace on it for each name, with the addresses 10.9.0.1, 10.9.0.2 and so on. */
const network = (...names: string[]) => {
  const named = (name: string) => `berth-front-${process.pid}-${name}`
  const add = (name: string) => {
    ip('netns', 'add', named(name))
    onTestFinished(() => {
      ip('netns', 'delete', named(name))
    })
    ip('-n', named(name), 'link', 'set', 'lo', 'up')
  }
  add('switch')
  ip('-n', named('switch'), 'link', 'add', 'br0', 'type', 'bridge')
  ip('-n', named('switch'), 'link', 'set', 'br0', 'up')
  for (const [index, name] of names.entries()) {
    add(name)
    const port = `port${index}`
    ip('link', 'add', port, 'netns', named('switch'), 'type', 'veth', 'peer', 'eth0', 'netns', named(name))
    ip('-n', named('switch'), 'link', 'set', port, 'master', 'br0', 'up')
    ip('-n', named(name), 'address', 'add', `10.9.0.${index + 1}/24`, 'dev', 'eth0')
    ip('-n', named(name), 'link', 'set', 'eth0', 'up')
  }
  return {
    named,
    /** As a cable that is pulled out and put in again. */
    cable: (name: string, state: 'up' | 'down') =>
      ip('-n', named('switch'), 'link', 'set', `port${names.indexOf(name)}`, state),
  }
}

/** A host that answers each connection with its name, and the addresses that its agent keeps. */
const host = async (name: string, namespace: string) => {
  const code = `require('net').createServer(socket => socket.on('error', () => {}).end('${name}'))
    .listen(80, () => console.log('listening'))`
  const server = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', code])
  onTestFinished(() => end(server))
  await once(server.stdout, 'data')
  const errors: object[] = []
  const front = new FrontAddresses({
    run: (program, args, input) => runCommand('ip', ['netns', 'exec', namespace, program, ...args], input),
    tag: '0a0a',
    log: { info: () => {}, warn: () => {}, error: details => errors.push(details) },
    random: () => 0,
  })
  onTestFinished(() => front.stop())
  return { front, errors, has: () => ip('-n', namespace, 'address', 'show', 'dev', 'lo').includes(address) }
}

/** Connects again and again, and says who answers. */
const client = async (namespace: string) => {
  const code = `const { connect } = require('net')
    const next = () => {
      const socket = connect(80, '${address}')
      socket.setTimeout(200, () => socket.destroy())
      socket.on('data', name => console.log(String(name)))
      socket.on('error', () => {})
      socket.on('close', () => setTimeout(next, 10))
    }
    next()`
  const process_ = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', code])
  onTestFinished(() => end(process_))
  let last = ''
  const listeners = new Set<() => void>()
  process_.stdout.on('data', chunk => {
    last = String(chunk).trim().split('\n').at(-1) ?? ''
    for (const listener of listeners) listener()
  })
  return {
    isAnsweredBy: (name: string) =>
      new Promise<void>(resolve => {
        const look = () => {
          if (last !== name) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
      }),
  }
}

/** As turns of an agent, one after the other, until it holds; `times` are the agent's. */
const turns = async (front: FrontAddresses, from: number, holds: () => boolean): Promise<void> => {
  for (let now = from; !holds(); now += 1_000) {
    await front.ensure([address], now)
    await front.stop()
  }
}

test('clients of the same network reach the host that takes an address over within two seconds', async () => {
  const { named, cable } = network('first', 'second', 'client')
  const first = await host('first', named('first'))
  const second = await host('second', named('second'))
  for (const { front } of [first, second]) front.sessionOpened(-10_000)
  await first.front.ensure([address], 0)
  const { isAnsweredBy } = await client(named('client'))
  await isAnsweredBy('first')
  cable('first', 'down')
  const movedAt = Date.now()
  await second.front.ensure([address], 0)
  await isAnsweredBy('second')
  expect(Date.now() - movedAt).toBeLessThan(2_000)
  expect([...first.errors, ...second.errors]).toEqual([])

  // It comes back, and has not heard that its load balancer has moved.
  first.front.sessionClosed()
  cable('first', 'up')
  await turns(first.front, 20_000, () => !first.has())
  expect(second.has()).toBe(true)
  await isAnsweredBy('second')
  // The control plane says so, and the other one gives it back.
  await second.front.ensure([], 30_000)
  first.front.sessionOpened(30_000)
  await first.front.ensure([address], 33_000)
  expect([first.has(), second.has()]).toEqual([true, false])
  await isAnsweredBy('first')
})

test('of two hosts that have heard nothing for long one keeps the address, and none where nobody needs it is left without', async () => {
  const { named } = network('first', 'second')
  const [first, second] = [await host('first', named('first')), await host('second', named('second'))]
  // The host was switched off: it goes by what it was told before, and asks first.
  await first.front.ensure([address], 0)
  expect(first.has()).toBe(false)
  await turns(first.front, 1_000, first.has)
  await second.front.ensure([address], 0)
  await second.front.stop()
  await second.front.ensure([address], 1_000)
  expect([first.has(), second.has()]).toEqual([true, false])
  await first.front.ensure([], 10_000)
  await turns(second.front, 2_000, second.has)
})

test('a kernel that would not answer for the address is complained of', async () => {
  const { named } = network('first')
  execFileSync('ip', [
    ...['netns', 'exec', named('first'), 'sh', '-c'],
    'echo 1 > /proc/sys/net/ipv4/conf/eth0/arp_ignore',
  ])
  const { front, errors } = await host('first', named('first'))
  await front.ensure([address], 0)
  expect(errors).toMatchObject([{ reason: expect.stringContaining('on eth0: arp_ignore must be 0') }])
})
