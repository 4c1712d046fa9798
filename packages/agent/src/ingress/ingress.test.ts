import { Agent } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import {
  forwardTo,
  groupFact,
  listenerFact,
  loadBalancerArn,
  ruleOf,
  targetFact,
} from './ingress-fixtures.ts'
import { ask, createWorlds, isHealthy, startClients } from './ingress-world.ts'

const worlds = createWorlds()
const { given, target: targetNamed } = worlds
afterEach(worlds.afterEach)

describe('the load balancers of a host', () => {
  it('send requests to a target whose first check has passed, and say so', async () => {
    const target = await targetNamed('blue')
    const { world, url } = given(targetFact('blue', target.port))
    await isHealthy(world, target)
    expect(await ask(url)).toMatchObject({ status: 200, body: 'blue' })
    expect(world.health(target.port)).toEqual({
      targetGroupArn: groupFact('blue').arn,
      targetId: '127.0.0.1',
      port: target.port,
      state: 'healthy',
    })
  })

  it('take targets and let them go as they run, and lose no request of clients that keep their connections', async () => {
    const [first, second] = [await targetNamed('first'), await targetNamed('second')]
    const { world, url } = given(targetFact('blue', first.port))
    await isHealthy(world, first)
    const before = await world.workers()
    const clients = startClients(url, 10)
    world.tell([targetFact('blue', second.port)])
    await isHealthy(world, second)
    await world.until(() => second.served() > 100)
    world.tell([targetFact('blue', first.port, { isDraining: true })])
    await world.until(() => world.health(first.port)?.state === 'drained')
    world.tell([], [targetFact('blue', first.port)])
    const served = first.served()
    const answered = clients.answered()
    await world.until(() => clients.answered() > answered + 200)
    expect((await clients.stop()).failures).toEqual([])
    expect(first.served()).toBe(served)
    expect(await world.workers()).toEqual(before)
  })

  it('lose no request when a rule changes, and send those who keep their connections by the new rule', async () => {
    const [blue, green] = [await targetNamed('blue'), await targetNamed('green')]
    const { world, url } = given(targetFact('blue', blue.port), targetFact('green', green.port))
    await isHealthy(world, blue)
    const clients = startClients(url, 10)
    const idle = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await ask(url, { agent: idle })).toMatchObject({ body: 'blue' })
    for (const [name, target] of [
      ['green', green],
      ['blue', blue],
      ['green', green],
    ] as const) {
      const { current } = (await world.workers()) ?? {}
      world.tell([listenerFact(80, { rules: [ruleOf(forwardTo([name, 1]))] })])
      await world.until(async () => (await world.workers())?.current !== current)
      const served = target.served()
      await world.until(() => target.served() > served + 100)
    }
    // Its worker has been replaced: it has the new one answer, and takes its leave.
    expect(await ask(url, { agent: idle })).toMatchObject({ body: 'green', headers: { connection: 'close' } })
    idle.destroy()
    const { answered, failures } = await clients.stop()
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(300)
  })

  it('let a request end before its target has drained, and send the next one elsewhere', async () => {
    let release = () => {}
    const slow = await targetNamed('slow', (request, response) => {
      if (request.url !== '/slow') return false
      release = () => response.end('slow')
      return true
    })
    const { world, url } = given(targetFact('blue', slow.port))
    await isHealthy(world, slow)
    const request = ask(`${url}slow`)
    await world.until(() => slow.served() === 1)
    const other = await targetNamed('other')
    world.tell([targetFact('blue', slow.port, { isDraining: true }), targetFact('blue', other.port)])
    await isHealthy(world, other)
    expect(world.health(slow.port)).toMatchObject({
      state: 'draining',
      reason: 'Target.DeregistrationInProgress',
    })
    expect(await ask(url)).toMatchObject({ body: 'other' })
    release()
    expect(await request).toMatchObject({ status: 200, body: 'slow' })
    await world.until(() => world.health(slow.port)?.state === 'drained')
  })

  it('say why a target is unhealthy, and send requests to all when none is healthy', async () => {
    const ill = await targetNamed('ill', (request, response) => {
      response.statusCode = request.headers['user-agent'] === 'ELB-HealthChecker/2.0' ? 503 : 200
      return false
    })
    const { world, url } = given(targetFact('blue', ill.port))
    await world.until(() => world.health(ill.port)?.state === 'unhealthy')
    expect(world.health(ill.port)).toMatchObject({
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [503]',
    })
    expect(await ask(url)).toMatchObject({ status: 200, body: 'ill' })
  })

  it.each(['master', 'current'] as const)(
    'come back within a second or so when HAProxy’s %s process is killed',
    async killed => {
      const target = await targetNamed('blue')
      const { world, url } = given(targetFact('blue', target.port))
      await isHealthy(world, target)
      const before = (await world.workers()) ?? { master: 0, current: 0 }
      process.kill(before[killed] ?? 0, 'SIGKILL')
      const killedAt = Date.now()
      await world.until(async () => {
        const workers = await world.workers()
        return workers?.current !== undefined && workers.current !== before.current
      })
      expect(Date.now() - killedAt).toBeLessThan(5_000)
      expect(await ask(url)).toMatchObject({ status: 200, body: 'blue' })
    },
  )

  it('go on through the agent’s restart, which loads nothing anew', async () => {
    const [first, second] = [await targetNamed('first'), await targetNamed('second')]
    const { world, url } = given(targetFact('blue', first.port))
    await isHealthy(world, first)
    const before = await world.workers()
    await world.restartAgent()
    world.tell([targetFact('blue', second.port)])
    await isHealthy(world, first, second)
    expect(await world.workers()).toEqual(before)
    expect(await ask(url)).toMatchObject({ status: 200 })
  })

  it('keep the last configuration that HAProxy took, and name the load balancer whose part it refuses', async () => {
    const target = await targetNamed('blue')
    const { world, url } = given(targetFact('blue', target.port))
    await isHealthy(world, target)
    const broken = {
      ...ruleOf({ type: 'fixed-response', statusCode: 200, body: 'never' }),
      conditions: [{ field: 'path-pattern', values: ['(unclosed'], isRegex: true }],
    } as const
    world.tell([listenerFact(80, { rules: [broken, ruleOf(forwardTo(['blue', 1]))] })])
    await world.until(() => world.errors.length > 0)
    expect(world.errors).toMatchObject([{ details: { loadBalancer: loadBalancerArn } }])
    expect(await ask(url)).toMatchObject({ status: 200, body: 'blue' })
    world.tell([
      listenerFact(80, { rules: [ruleOf({ type: 'fixed-response', statusCode: 418, body: 'tea' })] }),
    ])
    await world.until(async () => (await ask(url)).status === 418)
  })
})
