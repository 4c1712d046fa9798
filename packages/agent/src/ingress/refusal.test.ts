import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createFacts } from '../facts/index.ts'
import { createMemoryStateStore } from '../state/state-store.ts'
import { placesIn } from './configuration/places.ts'
import { type Haproxy, HaproxyError } from './haproxy.ts'
import { Ingress } from './ingress.ts'
import { groupFact, listenerFact, loadBalancerFact } from './ingress-fixtures.ts'

test('a configuration that HAProxy refuses is tried again, as what was in its way may have gone, and complained of once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-refusal-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const facts = createFacts(createMemoryStateStore())
  const known = [loadBalancerFact(), listenerFact(80), groupFact('blue'), groupFact('green')]
  facts.take({ topic: 'ingress', isWhole: true, facts: known, gone: [] })
  const clock = createManualClock()
  const errors: string[] = []
  let starts = 0
  let isPortTaken = true
  let runs = false
  const haproxy: Haproxy = {
    workers: async () =>
      runs ? { master: 1, reloads: 0, failedReloads: 0, current: 2, former: [] } : undefined,
    tell: async () => '',
    check: async () => {},
    start: async () => {
      starts++
      if (isPortTaken) throw new HaproxyError('cannot bind socket (Address already in use)')
      runs = true
    },
    reload: async () => {},
    stop: async () => {},
  }
  const ingress = new Ingress({
    facts,
    haproxy,
    places: placesIn(directory),
    tag: '0a0a',
    namespaceOf: () => undefined,
    run: async (_, args) => (args[0] === '-j' ? '[]' : ''),
    random: () => 0,
    fetchText: async () => '',
    fetch,
    clock,
    log: { info: () => {}, warn: () => {}, error: (_, message) => errors.push(message) },
    reportHealth: () => true,
    reportTraffic: () => true,
    reportRefusals: () => true,
  })
  for (let second = 0; second < 61; second++) await clock.advance(1_000)
  expect(starts).toBeGreaterThan(1)
  expect(starts).toBeLessThan(4)
  expect(errors).toEqual(['HAProxy keeps its last configuration'])
  isPortTaken = false
  for (let second = 0; second < 31; second++) await clock.advance(1_000)
  expect(runs).toBe(true)
  await ingress.stop()
})
