/** For tests: load balancers on a real HAProxy, targets that are small servers on loopback, and clients that count. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, get, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BerthLoadBalancerRefusals, BerthTargetHealth, BerthTraffic, IngressFact } from '@berth/model'
import { systemClock } from '../clock.ts'
import { createFacts } from '../facts/index.ts'
import type { Log } from '../log.ts'
import { runCommand } from '../metadata/index.ts'
import { tagOf } from '../network/index.ts'
import { createMemoryStateStore } from '../state/state-store.ts'
import type { Fetch } from './authentication/identity-provider.ts'
import { placesIn } from './configuration/places.ts'
import { createHaproxy } from './haproxy.ts'
import { Ingress } from './ingress.ts'
import { prepareDirectory } from './ingress-files.ts'
import { groupFact, listenerFact, loadBalancerFact } from './ingress-fixtures.ts'
import { fetchText } from './json-web-keys.ts'
import { createMasterSocket } from './master-socket.ts'
import type { NamespaceOf } from './namespaces.ts'

type Health = BerthTargetHealth['targets'][number]

export interface Target {
  readonly port: number
  /** How many requests it has answered. */
  readonly served: () => number
  close(): Promise<void>
}

/** As AWS's load balancers take. */
const maxHeaderSize = 65_536

/** Answers with its name, but for what `answer` takes itself. */
export const startTarget = async (
  name: string,
  answer: (...args: Parameters<RequestListener>) => boolean = () => false,
): Promise<Target> => {
  let served = 0
  const server = createServer({ maxHeaderSize }, (request, response) => {
    if (request.headers['user-agent'] !== 'ELB-HealthChecker/2.0') served++
    if (!answer(request, response)) response.end(name)
  })
  // HAProxy keeps connections for longer than Node does.
  server.keepAliveTimeout = 120_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    served: () => served,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export const ask = (
  url: string,
  { headers = {}, agent }: { headers?: Record<string, string>; agent?: Agent } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    get(url, { headers, maxHeaderSize, ...(agent && { agent }) }, response => {
      let body = ''
      response.on('data', chunk => {
        body += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    }).on('error', reject)
  })

/** Clients that keep their connections and ask without pause until they are stopped. */
export const startClients = (url: string, count: number) => {
  let isOver = false
  const failures: string[] = []
  let answered = 0
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!isOver) {
      try {
        const { status } = await ask(url, { agent })
        if (status === 200) answered++
        else failures.push(String(status))
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
    agent.destroy()
  }
  const clients = Array.from({ length: count }, client)
  return {
    answered: () => answered,
    stop: async () => {
      isOver = true
      await Promise.all(clients)
      return { answered, failures }
    },
  }
}

export interface World {
  readonly errors: { readonly details: object; readonly message: string }[]
  readonly directory: string
  health(port: number): Health | undefined
  traffic(): readonly BerthTraffic[]
  /** As it was reported last. */
  refused(): BerthLoadBalancerRefusals['refused']
  /** Resolves once it holds, which is looked at with each report and every few milliseconds. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>
  tell(changed: readonly IngressFact[], gone?: readonly IngressFact[]): void
  workers(): ReturnType<ReturnType<typeof createHaproxy>['workers']>
  /** The agent begins anew; HAProxy goes on. */
  restartAgent(): Promise<void>
  stop(): Promise<void>
}

const lookMs = 20

export const startWorld = (
  facts: readonly IngressFact[],
  namespaceOf: NamespaceOf = () => undefined,
  fetchFrom: Fetch = fetch,
): World => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-ingress-'))
  const places = placesIn(directory)
  prepareDirectory(places)
  const known = createFacts(createMemoryStateStore())
  known.take({ topic: 'ingress', isWhole: true, facts, gone: [] })
  const errors: { details: object; message: string }[] = []
  const log: Log = {
    info: () => {},
    warn: () => {},
    error: (details, message) => errors.push({ details, message }),
  }
  const haproxy = createHaproxy({
    places,
    master: createMasterSocket(places.masterSocket),
    run: runCommand,
    clock: systemClock,
  })
  const health = new Map<number, Health>()
  const traffic: BerthTraffic[] = []
  let refused: BerthLoadBalancerRefusals['refused'] = []
  const start = () =>
    new Ingress({
      facts: known,
      haproxy,
      places,
      tag: tagOf(directory),
      namespaceOf,
      run: runCommand,
      random: Math.random,
      fetchText,
      fetch: fetchFrom,
      clock: systemClock,
      log,
      reportHealth: ({ isWhole, targets }) => {
        if (isWhole) health.clear()
        for (const target of targets) health.set(target.port, target)
        return true
      },
      reportTraffic: message => traffic.push(message) > 0,
      reportRefusals: message => {
        refused = message.refused
        return true
      },
    })
  let ingress = start()
  const until = async (holds: () => boolean | Promise<boolean>) => {
    while (!(await holds())) await new Promise(resolve => setTimeout(resolve, lookMs))
  }
  return {
    errors,
    directory,
    health: port => health.get(port),
    traffic: () => traffic,
    refused: () => refused,
    until,
    tell: (changed, gone = []) =>
      known.take({ topic: 'ingress', isWhole: false, facts: changed, gone: gone.map(({ key }) => key) }),
    workers: haproxy.workers,
    restartAgent: async () => {
      await ingress.stop()
      ingress = start()
    },
    stop: async () => {
      // One that begins is there before it can be asked.
      await until(async () => (await haproxy.workers())?.current !== undefined)
      known.take({ topic: 'ingress', isWhole: true, facts: [], gone: [] })
      await until(async () => (await haproxy.workers()) === undefined)
      await ingress.stop()
      await until(async () => (await haproxy.workers()) === undefined)
      rmSync(directory, { recursive: true })
    },
  }
}

const quickCheck = {
  ...groupFact('blue').healthCheck,
  intervalSeconds: 1,
  timeoutSeconds: 1,
  healthyThreshold: 2,
}

/** A group whose targets are looked at each second. */
export const quickGroup = (name: string, changes: Parameters<typeof groupFact>[1] = {}) =>
  groupFact(name, { healthCheck: quickCheck, ...changes })

/** What a test has made, to be taken away after it. */
export const createWorlds = (fetchFrom: Fetch = fetch) => {
  const stops: (() => Promise<void>)[] = []
  // Other files' tests run beside.
  const network = `127.77.${Math.floor(Math.random() * 250)}`
  let next = 1
  return {
    /** A target that answers with its name. */
    target: async (...args: Parameters<typeof startTarget>): Promise<Target> => {
      const target = await startTarget(...args)
      stops.push(() => target.close())
      return target
    },
    /** A load balancer that listens on port 80, where the facts do not say otherwise, with the groups blue and green. */
    given: (...facts: IngressFact[]): { world: World; url: string; address: string } => {
      const address = `${network}.${next++}`
      const usual = [loadBalancerFact(), listenerFact(80), quickGroup('blue'), quickGroup('green')]
      const known = new Map([...usual, ...facts].map(fact => [fact.key, fact]))
      const world = startWorld(
        [...known.values()].map(fact =>
          fact.kind === 'load-balancer' ? { ...fact, frontAddress: address } : fact,
        ),
        undefined,
        fetchFrom,
      )
      stops.push(() => world.stop())
      return { world, address, url: `http://${address}/` }
    },
    afterEach: async () => {
      for (const stop of stops.splice(0).reverse()) await stop()
    },
  }
}

export const isHealthy = (world: World, ...targets: Target[]): Promise<void> =>
  world.until(() => targets.every(({ port }) => world.health(port)?.state === 'healthy'))
