import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { IngressAction } from '@berth/model'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { partsOf } from './datagram-rules.ts'
import {
  forwardTo,
  groupArn,
  listenerFact,
  loadBalancerFact,
  ruleOf,
  targetFact,
} from './ingress-fixtures.ts'
import { createWorlds, quickGroup } from './ingress-world.ts'

const worlds = createWorlds()
afterEach(worlds.afterEach)

const surroundings = (
  sizes: Readonly<Record<string, number>>,
  healthy: (port: number) => boolean = () => true,
) => ({
  targets: (arn: string) =>
    Object.entries(sizes).flatMap(([name, size]) =>
      groupArn(name) === arn ? Array.from({ length: size }, (_, port) => targetFact(name, port + 1)) : [],
    ),
  isHealthy: ({ port }: { port: number }) => healthy(port),
})

type Forward = Extract<IngressAction, { type: 'forward' }>

const rangesOf = (parts: readonly string[]) =>
  parts.map(part => (/^(\d+)-(\d+)/.exec(part) ?? []).slice(1).map(Number) as [number, number])

describe('the targets of a listener of UDP', () => {
  it('share all flows, by the weights of their groups', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 999 }),
        (blue, green, weight) => {
          const forward = forwardTo(['blue', weight], ['green', 1]) as Forward
          const ranges = rangesOf(partsOf(forward, surroundings({ blue, green })))
          if (blue + green === 0) {
            expect(ranges).toEqual([])
            return
          }
          expect(ranges[0]?.[0]).toBe(0)
          expect(ranges.at(-1)?.[1]).toBe(65_535)
          for (const [index, range] of ranges.entries())
            if (index > 0) expect(range[0]).toBe((ranges[index - 1]?.[1] ?? 0) + 1)
        },
      ),
    )
  })

  it('are the healthy ones, and all when none is', () => {
    const forward = forwardTo(['blue', 1]) as Forward
    expect(
      partsOf(
        forward,
        surroundings({ blue: 2 }, port => port === 2),
      ),
    ).toEqual(['0-65535 : 127.0.0.1 . 2'])
    expect(
      partsOf(
        forward,
        surroundings({ blue: 2 }, () => false),
      ),
    ).toHaveLength(2)
  })

  it('get its datagrams, and answer from its address', async () => {
    const health = await worlds.target('health')
    const echo = createSocket('udp4')
    echo.on('message', (words, from) => echo.send(`heard ${words}`, from.port, from.address))
    // The same port for both: health is asked by TCP.
    echo.bind(health.port, '127.0.0.1')
    await once(echo, 'listening')
    const { world, address } = worlds.given(
      loadBalancerFact({ type: 'network' }),
      quickGroup('blue', {
        protocol: 'UDP',
        healthCheck: { ...quickGroup('x').healthCheck, protocol: 'TCP' },
      }),
      listenerFact(5_353, { protocol: 'UDP', rules: [ruleOf(forwardTo(['blue', 1]))] }),
      listenerFact(80, { protocol: 'TCP' }),
      targetFact('blue', health.port),
    )
    await world.until(() => world.health(health.port)?.state === 'healthy')
    const client = createSocket('udp4')
    client.connect(5_353, address)
    await once(client, 'connect')
    const heard = new Promise<string>(resolve => client.on('message', words => resolve(String(words))))
    let isHeard = false
    void heard.then(() => {
      isHeard = true
    })
    await world.until(async () => {
      client.send('hello')
      return isHeard
    })
    expect(await heard).toBe('heard hello')
    client.close()
    echo.close()
  })
})
