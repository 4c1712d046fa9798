import { beforeEach, describe, expect, it } from 'vitest'
import { acmeOrders } from '../../services/acm/index.ts'
import { given as ecs, instanceArn, storeWith } from '../../services/ecs/fixtures/rows.ts'
import { containerInstances, tasks } from '../../services/ecs/index.ts'
import {
  forwardTo,
  given,
  listenerArn,
  loadBalancerArn,
  start,
  targetGroupArn,
} from '../../services/elbv2/fixtures/rows.ts'
import {
  listeners,
  loadBalancers,
  revocationPieceId,
  revocationPieces,
  rules,
  targetGroups,
  targets,
  trustStores,
} from '../../services/elbv2/index.ts'
import type { JournaledStore } from '../../store/journaled-store.ts'
import type { Transaction } from '../../store/view.ts'
import type { Touch } from '../facts/topic.ts'
import { ingressTopic } from './ingress-topic.ts'

const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1'
const otherArn = 'arn:aws:acm:us-east-1:123456789012:certificate/2'
const opened = { certificate: 'PEM', chain: '', privateKey: 'KEY' }
const topic = ingressTopic({
  openSecret: () => undefined,
  openAuthenticationKeys: ({ authenticationKeys }) =>
    authenticationKeys && { keyId: authenticationKeys.keyId, sessionSecret: 'secret', signingKey: 'KEY' },
  openCertificate: (_, arn) => (arn === certificateArn ? opened : undefined),
})
const host = instanceArn(1)
const balancer = loadBalancerArn()
const carried = { frontAddress: '127.10.0.1', interfaceIds: ['eni-1', 'eni-2'], containerInstanceArn: host }

let store: JournaledStore
beforeEach(async () => {
  store = await storeWith({
    moreTables: [acmeOrders],
    instances: [
      ecs.instance(1, {
        attributes: [{ name: 'berth.underlay-address', value: '10.9.0.1' }],
      }),
    ],
  })
  store.update(tx => {
    tx.put(loadBalancers, given.loadBalancer({ carried }))
    tx.put(listeners, given.listener())
    tx.put(rules, given.rule())
    tx.put(targetGroups, given.targetGroup())
    tx.put(targets, given.target('i-1', 8080))
  })
})

const trustStore = {
  ...{ id: 'store', name: 'store', certificates: 'PEM', certificateCount: 1 },
  ...{ revocations: [], lastRevocationId: 0, tags: [] },
}
const revocation = { revocationId: 1, entryCount: 9, pieceCount: 25 }
const piece = (index: number) => ({
  id: revocationPieceId('store', 1, index),
  ...{ trustStoreArn: 'store', revocationId: 1, index, text: String(index) },
})

const factsOf = (audience: string) => {
  const all = []
  let from: string | undefined
  do {
    const page = topic.pageOf(store, audience, from)
    all.push(...page.facts)
    from = page.next
  } while (from !== undefined)
  return all
}

/** What a commit touches. */
const touchedBy = (change: (tx: Transaction) => void): Touch[] => {
  const all: Touch[] = []
  const stop = store.watch(({ changes }) => {
    for (const one of changes) all.push(...topic.touched(one, store))
  })
  store.update(change)
  stop()
  return all
}

describe('what a host is told of the load balancers that it carries', () => {
  it('is nothing where it carries none', () => {
    expect([...topic.audiencesOf(store, instanceArn(2))]).toEqual([])
    expect([...topic.audiencesOf(store, host)]).toEqual([balancer, 'challenges'])
  })

  it('is the load balancer, its listeners with their rules, and the target groups that these name', () => {
    expect(factsOf(balancer)).toEqual([
      {
        key: `load-balancer/${balancer}`,
        kind: 'load-balancer',
        arn: balancer,
        type: 'application',
        frontAddress: '127.10.0.1',
        interfaceId: 'eni-1',
        attributes: {},
      },
      expect.objectContaining({
        key: `listener/${listenerArn()}`,
        kind: 'listener',
        port: 80,
        rules: [
          expect.objectContaining({
            conditions: [],
            actions: [{ type: 'forward', targetGroups: [{ arn: targetGroupArn(), weight: 1 }] }],
          }),
        ],
      }),
      expect.objectContaining({
        key: `target-group/${targetGroupArn()}`,
        healthCheck: expect.objectContaining({ isEnabled: true, path: '/', matcher: '200' }),
      }),
      {
        key: `target/${targetGroupArn()}/i-1/8080`,
        kind: 'target',
        targetGroupArn: targetGroupArn(),
        address: '10.9.0.1',
        isInVpc: false,
        port: 8080,
        targetId: 'i-1',
        isDraining: false,
      },
    ])
  })

  it('has the rules of a listener in their order, the default one last', () => {
    const own = { id: 'rule-2', priority: 2, conditions: [{ Field: 'path-pattern', Values: ['/a*'] }] }
    store.update(tx => {
      tx.put(rules, given.rule({ ...own, actions: [forwardTo({ green: 1 })] }))
      tx.put(rules, given.rule({ ...own, id: 'rule-1', priority: 1 }))
      tx.put(targetGroups, given.targetGroup({ name: 'green', targetType: 'ip' }))
      tx.put(targets, given.target('10.0.0.9', 80, { targetGroupArn: targetGroupArn('green') }))
    })
    const facts = factsOf(balancer)
    const listener = facts.find(({ kind }) => kind === 'listener')
    expect(listener).toMatchObject({
      rules: [
        { arn: 'rule-1', conditions: [{ field: 'path-pattern', values: ['/a*'], isRegex: false }] },
        { arn: 'rule-2' },
        { conditions: [] },
      ],
    })
    expect(facts.filter(({ kind }) => kind === 'target')).toMatchObject([
      { targetId: 'i-1', isInVpc: false },
      { address: '10.0.0.9', isInVpc: true },
    ])
  })

  it('tells the trust stores of its listeners apart, as they may be of several', () => {
    const mutualAuthentication = { mode: 'verify' as const, trustStoreArn: 'store' }
    const touched = touchedBy(tx => {
      tx.put(trustStores, trustStore)
      tx.put(listeners, given.listener({ protocol: 'HTTPS', mutualAuthentication }))
    })
    expect(touched).toContainEqual({ hostsOf: balancer })
    expect([...topic.audiencesOf(store, host)]).toEqual([balancer, 'store', 'challenges'])
    expect(factsOf('store')).toMatchObject([{ kind: 'trust-store', certificates: 'PEM' }])
  })

  it('has the pieces of revocation lists before the trust store that names them', () => {
    const added = touchedBy(tx => {
      for (let index = 0; index < 25; index++) tx.put(revocationPieces, piece(index))
      tx.put(trustStores, { ...trustStore, revocations: [revocation] })
    })
    expect(added.at(-1)).toEqual({ audience: 'store', key: 'trust-store/store' })
    expect(added).toHaveLength(26)
    const facts = factsOf('store')
    expect(facts.slice(0, 25).map(fact => fact.kind === 'revocation-piece' && fact.index)).toEqual([
      ...Array(25).keys(),
    ])
    expect(facts.slice(25)).toMatchObject([{ kind: 'trust-store', revocations: [{ id: 1, pieceCount: 25 }] }])
    const key = `revocation-piece/${piece(7).id}`
    expect(topic.factOf(store, 'store', key)).toEqual({
      ...{ key, kind: 'revocation-piece', trustStoreArn: 'store', revocationId: 1, index: 7, text: '7' },
    })
    const removed = touchedBy(tx => {
      tx.put(trustStores, trustStore)
      tx.delete(revocationPieces, piece(7).id)
    })
    expect(removed.map(touch => 'key' in touch && touch.key)).toEqual(['trust-store/store', key])
    expect(topic.factOf(store, 'store', key)).toBeUndefined()
  })

  it('tells the certificates of its listeners apart, once they are issued', () => {
    const touched = touchedBy(tx =>
      tx.put(listeners, given.listener({ protocol: 'HTTPS', certificateArns: [certificateArn, otherArn] })),
    )
    expect(touched).toContainEqual({ hostsOf: balancer })
    expect([...topic.audiencesOf(store, host)]).toEqual([balancer, certificateArn, otherArn, 'challenges'])
    const key = `certificate/${certificateArn}`
    expect(factsOf(certificateArn)).toEqual([{ key, kind: 'certificate', arn: certificateArn, ...opened }])
    expect(topic.factOf(store, certificateArn, key)).toMatchObject(opened)
    expect(factsOf(otherArn)).toEqual([])
  })
})

describe('a change', () => {
  const keyOfTarget = `target/${targetGroupArn()}/i-1/8080`

  it('of a target is one fact of its load balancer, which is there until the row is gone', () => {
    const drains = touchedBy(tx => tx.put(targets, given.target('i-1', 8080, { drainingSince: start })))
    expect(drains).toEqual([{ audience: balancer, key: keyOfTarget }])
    expect(topic.factOf(store, balancer, keyOfTarget)).toMatchObject({ isDraining: true })
    touchedBy(tx => tx.delete(targets, given.target('i-1', 8080).id))
    expect(topic.factOf(store, balancer, keyOfTarget)).toBeUndefined()
  })

  it('of the keys by which a load balancer authenticates users is the load balancer, and has them open', () => {
    const authenticationKeys = { keyId: 'k1', publicKey: 'PUBLIC', encrypted: 'x' }
    const key = `load-balancer/${balancer}`
    expect(
      touchedBy(tx => tx.put(loadBalancers, given.loadBalancer({ carried, authenticationKeys }))),
    ).toEqual([{ audience: balancer, key }])
    expect(topic.factOf(store, balancer, key)).toMatchObject({
      authenticationKeys: { keyId: 'k1', sessionSecret: 'secret', signingKey: 'KEY' },
    })
  })

  it('of where a host is reached is one of its targets', () => {
    const attributes = [{ name: 'berth.underlay-address', value: '10.9.0.2' }]
    const touched = touchedBy(tx => tx.put(containerInstances, ecs.instance(1, { attributes })))
    expect(touched).toEqual([{ audience: balancer, key: keyOfTarget }])
    expect(topic.factOf(store, balancer, keyOfTarget)).toMatchObject({ address: '10.9.0.2' })
  })

  it('of weights is the listener; of the target groups that a rule names, the whole load balancer', () => {
    const key = `listener/${listenerArn()}`
    const weighted = forwardTo({ blue: 5 })
    expect(touchedBy(tx => tx.put(rules, given.rule({ actions: [weighted] })))).toEqual([
      { audience: balancer, key },
    ])
    expect(topic.factOf(store, balancer, key)).toMatchObject({
      rules: [{ actions: [{ targetGroups: [{ weight: 5 }] }] }],
    })
    const green = forwardTo({ green: 1 })
    expect(touchedBy(tx => tx.put(rules, given.rule({ actions: [green] })))).toContainEqual({
      audience: balancer,
    })
    expect(topic.factOf(store, balancer, `target-group/${targetGroupArn()}`)).toBeUndefined()
  })

  it('of a task that takes the port of a listener, or gives it back, is the listener', () => {
    const key = `listener/${listenerArn()}`
    const reserved = { cpu: 1, memoryMiB: 1, ports: ['80/tcp', '81/tcp'], gpuIds: [] }
    const put = (lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED') =>
      touchedBy(tx => tx.put(tasks, ecs.task(1, { containerInstanceArn: host, reserved, lastStatus })))
    expect(put('PENDING')).toEqual([{ audience: balancer, key }])
    expect(topic.factOf(store, balancer, key)).toBeUndefined()
    expect(factsOf(balancer).map(fact => fact.key)).not.toContain(key)
    expect(put('RUNNING')).toEqual([])
    expect(put('STOPPED')).toEqual([{ audience: balancer, key }])
    expect(topic.factOf(store, balancer, key)).toMatchObject({ port: 80 })
  })

  it('of the host that carries it concerns both hosts', () => {
    const elsewhere = { ...carried, containerInstanceArn: instanceArn(2) }
    const touched = touchedBy(tx => tx.put(loadBalancers, given.loadBalancer({ carried: elsewhere })))
    expect(touched).toEqual([{ host }, { host: instanceArn(2) }, { audience: balancer }])
  })
})

describe('what authorities ask for', () => {
  const order = (id: string, token?: string) => ({
    ...{ id, accountRowId: 'a', url: 'o', finalizeUrl: 'f', authorizationUrls: [] },
    ...{ encryptedPrivateKey: 'sealed', answeredAt: start, isBegun: false },
    answers: token === undefined ? [] : [{ token, keyAuthorization: `${token}.print` }],
  })

  it('is told to every host that carries a load balancer, and to no other', () => {
    expect([...topic.audiencesOf(store, host)]).toContain('challenges')
    expect([...topic.audiencesOf(store, instanceArn(2))]).toEqual([])
  })

  it('is the answers of the orders that there are, without the keys', () => {
    const touches = touchedBy(tx => {
      tx.put(acmeOrders, order(certificateArn, 'one'))
      tx.put(acmeOrders, order(otherArn))
    })
    const key = `challenge/${certificateArn}`
    expect(touches).toContainEqual({ audience: 'challenges', key })
    const fact = { key, kind: 'challenge', answers: [{ token: 'one', keyAuthorization: 'one.print' }] }
    expect(factsOf('challenges')).toEqual([fact])
    expect(topic.factOf(store, 'challenges', key)).toEqual(fact)
    store.update(tx => tx.delete(acmeOrders, certificateArn))
    expect(topic.factOf(store, 'challenges', key)).toBeUndefined()
  })
})
