import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { authenticationKeys } from './authentication/authentication-fixtures.ts'
import { oidcConfiguration } from './authentication/identity-provider-fixture.ts'
import {
  forwardTo,
  listenerFact,
  loadBalancerArn,
  loadBalancerFact,
  ruleOf,
  targetFact,
} from './ingress-fixtures.ts'
import { ask, quickGroup, startTarget, startWorld } from './ingress-world.ts'
import { askHttps, certificateFact, encrypted } from './tls-fixtures.ts'

const front = { web: '127.79.0.1', other: '127.79.0.2' }
const otherArn = loadBalancerArn.replace('/web/', '/other/')
const otherListener = (...rules: Parameters<typeof ruleOf>[]) =>
  listenerFact(80, {
    key: 'listener/other',
    arn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/other/1/2',
    loadBalancerArn: otherArn,
    rules: rules.map(actions => ruleOf(...actions)),
  })
const says = (body: string) => ({ type: 'fixed-response', statusCode: 200, body }) as const

/** Two load balancers of one host: `web` leads to blue. */
const twoLoadBalancers = async () => {
  const blue = await startTarget('blue')
  onTestFinished(() => blue.close())
  const world = startWorld([
    loadBalancerFact({ frontAddress: front.web }),
    listenerFact(80),
    quickGroup('blue'),
    targetFact('blue', blue.port),
    loadBalancerFact({ key: 'load-balancer/other', arn: otherArn, frontAddress: front.other }),
    otherListener([says('first')]),
  ])
  onTestFinished(() => world.stop())
  await world.until(() => world.health(blue.port)?.state === 'healthy')
  return { world, blue, isOther: async (body: string) => (await ask(`http://${front.other}/`)).body === body }
}

const broken = {
  ...ruleOf(says('never')),
  conditions: [{ field: 'path-pattern', values: ['(unclosed'], isRegex: true }],
} as const

test('a load balancer whose part HAProxy refuses goes on as before, and the others get their newest', async () => {
  const { world, blue, isOther } = await twoLoadBalancers()
  // Its group is named no more, and its target is not told of any longer.
  world.tell(
    [listenerFact(80, { rules: [broken, ruleOf(says('newest'))] }), otherListener([says('second')])],
    [quickGroup('blue'), targetFact('blue', blue.port)],
  )
  await world.until(async () => (await isOther('second')) && world.refused().length === 1)
  expect(await ask(`http://${front.web}/`)).toMatchObject({ status: 200, body: 'blue' })
  expect(world.refused()).toEqual([{ loadBalancerArn, reason: expect.stringContaining('(unclosed') }])
  expect(world.errors).toMatchObject([{ details: { loadBalancer: loadBalancerArn } }])

  await world.restartAgent()
  world.tell([otherListener([says('third')])])
  await world.until(() => isOther('third'))
  expect(await ask(`http://${front.web}/`)).toMatchObject({ status: 200, body: 'blue' })

  world.tell([listenerFact(80, { rules: [ruleOf(says('mended'))] })])
  await world.until(async () => (await ask(`http://${front.web}/`)).body === 'mended')
  await world.until(() => world.refused().length === 0)
})

test('a port that somebody else has keeps only its own load balancer back', async () => {
  const { world, isOther } = await twoLoadBalancers()
  const taken = createServer().listen(81, front.web)
  await once(taken, 'listening')
  onTestFinished(() => {
    taken.close()
  })
  world.tell([listenerFact(81, { rules: [ruleOf(forwardTo(['blue', 1]))] })])
  await world.until(() => world.refused().length === 1)
  expect(world.refused()).toMatchObject([
    { loadBalancerArn, reason: expect.stringMatching(/cannot bind socket/) },
  ])
  world.tell([otherListener([says('second')])])
  await world.until(() => isOther('second'))
  expect(await ask(`http://${front.web}/`)).toMatchObject({ status: 200, body: 'blue' })
})

test('a load balancer that leaves its host is refused no longer, and is again when it comes back as it was', async () => {
  const facts = [
    loadBalancerFact({ frontAddress: front.web }),
    listenerFact(80, { rules: [broken, ruleOf(says('newest'))] }),
    quickGroup('blue'),
    loadBalancerFact({ key: 'load-balancer/other', arn: otherArn, frontAddress: front.other }),
    otherListener([says('first')]),
  ]
  const world = startWorld(facts)
  onTestFinished(() => world.stop())
  await world.until(() => world.refused().length === 1)
  world.tell([], facts)
  await world.until(() => world.refused().length === 0)
  world.tell(facts)
  await world.until(() => world.refused().length === 1)
})

test('users log in once the load balancer is mended whose first rule to log in was refused', async () => {
  const { world, isOther } = await twoLoadBalancers()
  const login = ruleOf({ type: 'authenticate-oidc', configuration: oidcConfiguration() }, says('in'))
  world.tell([
    loadBalancerFact({ frontAddress: front.web, authenticationKeys }),
    listenerFact(80, { rules: [broken, login] }),
    otherListener([says('second')]),
  ])
  await world.until(async () => (await isOther('second')) && world.refused().length === 1)
  world.tell([listenerFact(80, { rules: [login] })])
  await world.until(async () => (await ask(`http://${front.web}/`)).body !== 'blue')
  expect(await ask(`http://${front.web}/`)).toMatchObject({ status: 302 })
})

test('a load balancer that is held back goes on with the certificate that it had', async () => {
  const { world, isOther } = await twoLoadBalancers()
  const [before, after] = [certificateFact('a.test'), certificateFact('b.test')]
  const secure = (name: string, ...rules: ReturnType<typeof ruleOf>[]) =>
    encrypted({ certificateArns: [certificateFact(name).arn], rules })
  const isOpen = async () =>
    (await askHttps(front.web, { servername: 'a.test' }).catch(() => undefined))?.body === 'old'
  world.tell([before, secure('a.test', ruleOf(says('old')))])
  await world.until(isOpen)
  world.tell(
    [after, secure('b.test', broken, ruleOf(says('new'))), otherListener([says('second')])],
    [before],
  )
  await world.until(async () => (await isOther('second')) && world.refused().length === 1)
  world.tell([otherListener([says('third')])])
  await world.until(() => isOther('third'))
  expect(await isOpen()).toBe(true)
})
