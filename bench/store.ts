/**
 * What the store and its SQLite journal take: `node bench/store.ts [directory]`. Prints one figure a line.
 * Each part runs in a process of its own, so that none finds the memory or the caches of another.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { measureEventLoopDelay } from '../packages/control-plane/src/event-loop-delay.ts'
import { createSqliteJournal } from '../packages/control-plane/src/journals/sqlite/sqlite-journal.ts'
import { createStore, type JournaledStore } from '../packages/control-plane/src/store/journaled-store.ts'
import { type Aggregate, defineTable } from '../packages/control-plane/src/store/table.ts'

const ROWS = 100_000
/** The aim, in bytes of resident memory per row, indexes included. */
const ROW_BYTES_LIMIT = 3 * 1024
const LOAD_MS_LIMIT = 3000

type BenchTask = ReturnType<typeof taskRow>

const ACCOUNT = 'arn:aws:ecs:us-east-1:123456789012'

/** As wide as a task of ECS: 35 fields, one container. */
const taskRow = (n: number, lastStatus = 'RUNNING') => {
  const name = (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(4)
  const id = `${ACCOUNT}:task/production/${name}`
  const createdAt = 1_790_000_000_000 + n
  return {
    id,
    accountId: '123456789012',
    region: 'us-east-1',
    clusterArn: `${ACCOUNT}:cluster/production`,
    containerInstanceArn: `${ACCOUNT}:container-instance/production/${(n % 500).toString(16).padStart(32, '0')}`,
    taskDefinitionArn: `${ACCOUNT}:task-definition/web-${n % 50}:7`,
    family: `web-${n % 50}`,
    group: `service:web-${n % 200}`,
    serviceArn: `${ACCOUNT}:service/production/web-${n % 200}`,
    startedBy: `ecs-svc/${String(n % 200).padStart(19, '0')}`,
    launchType: 'EC2',
    platformFamily: 'Linux',
    availabilityZone: `us-east-1${'abc'[n % 3]}`,
    desiredStatus: 'RUNNING',
    lastStatus,
    healthStatus: 'HEALTHY',
    connectivity: 'CONNECTED',
    connectivityAt: createdAt + 900,
    cpu: '256',
    memory: '512',
    cpuUnits: 256,
    memoryMiB: 512,
    createdAt,
    pullStartedAt: createdAt + 300,
    pullStoppedAt: createdAt + 500,
    startedAt: createdAt + 1000,
    version: 4,
    enableExecuteCommand: false,
    ephemeralStorageGiB: 20,
    attachments: [],
    attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
    tags: [{ key: 'team', value: 'shop' }],
    overrides: { containerOverrides: [{ name: 'web' }], inferenceAcceleratorOverrides: [] },
    ports: [{ containerPort: 80, hostPort: 32768 + (n % 20_000), protocol: 'tcp' }],
    containers: [
      {
        containerArn: `${ACCOUNT}:container/production/${name}/${name.slice(0, 12)}`,
        name: 'web',
        image: 'registry.example.com/shop/web:2026-11-20',
        runtimeId: name.repeat(2),
        lastStatus,
        healthStatus: 'HEALTHY',
        cpu: '256',
        memory: '512',
        networkBindings: [
          { bindIP: '0.0.0.0', containerPort: 80, hostPort: 32768 + (n % 20_000), protocol: 'tcp' },
        ],
      },
    ],
  }
}

const usage: Aggregate<BenchTask, { cpu: number; memory: number; tasks: number }> = {
  key: row => row.containerInstanceArn,
  empty: () => ({ cpu: 0, memory: 0, tasks: 0 }),
  add: (total, row) => {
    total.cpu += row.cpuUnits
    total.memory += row.memoryMiB
    total.tasks++
  },
  remove: (total, row) => {
    total.cpu -= row.cpuUnits
    total.memory -= row.memoryMiB
    total.tasks--
  },
  isEmpty: total => total.tasks === 0,
}

const tasks = defineTable<BenchTask>()({
  name: 'bench.tasks',
  indexes: {
    byCluster: row => row.clusterArn,
    byService: row => row.serviceArn,
    byInstance: row => row.containerInstanceArn,
    byStatus: row => `${row.clusterArn} ${row.lastStatus}`,
    byFamily: row => `${row.clusterArn} ${row.family}`,
    byStartedBy: row => row.startedBy,
  },
  aggregates: { usage },
})

const open = async (directory: string): Promise<JournaledStore> => {
  const store = createStore({ tables: [tasks], histories: [], journal: createSqliteJournal({ directory }) })
  await store.load()
  return store
}

const print = (name: string, figure: string): void => console.log(`${name.padEnd(58)} ${figure}`)

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => void
  for (let n = 0; n < 3; n++) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Commits of one row each, all that fit into a turn of 5 ms, then the others' turn. */
const fill = async (directory: string): Promise<void> => {
  const store = await open(directory)
  const delay = measureEventLoopDelay()
  const started = performance.now()
  for (let n = 0; n < ROWS; ) {
    const end = performance.now() + 5
    for (; n < ROWS && performance.now() < end; n++) store.update(tx => tx.put(tasks, taskRow(n)))
    await nextTurn()
  }
  const committed = performance.now()
  await store.durable()
  const seconds = (performance.now() - started) / 1000
  print(
    'rows committed in memory, one commit each, per second',
    (ROWS / ((committed - started) / 1000)).toFixed(0),
  )
  print('rows committed and durable, one commit each, per second', (ROWS / seconds).toFixed(0))
  print(
    '  longest turn meanwhile',
    `${delay.maxMs().toFixed(1)} ms (p99.9 ${delay.quantileMs(0.999).toFixed(1)} ms)`,
  )
  await updates(store)
  await latencies(store)
  await store.close()
}

/** Rows that exist are written again, a hundred commits a turn. */
const updates = async (store: JournaledStore): Promise<void> => {
  const delay = measureEventLoopDelay()
  const started = performance.now()
  for (let n = 0; n < ROWS; ) {
    for (let end = n + 100; n < end; n++) store.update(tx => tx.put(tasks, taskRow(n, 'STOPPED')))
    await nextTurn()
  }
  await store.durable()
  const seconds = (performance.now() - started) / 1000
  print('rows changed and durable, one commit each, per second', (ROWS / seconds).toFixed(0))
  print(
    '  longest turn meanwhile',
    `${delay.maxMs().toFixed(1)} ms (p99.9 ${delay.quantileMs(0.999).toFixed(1)} ms)`,
  )
}

const latencies = async (store: JournaledStore): Promise<void> => {
  const taken: number[] = []
  for (let n = 0; n < 1000; n++) {
    const started = performance.now()
    store.update(tx => tx.put(tasks, taskRow(n)))
    await store.durable()
    taken.push(performance.now() - started)
  }
  taken.sort((a, b) => a - b)
  const at = (share: number) => `${(taken[Math.floor(taken.length * share)] ?? 0).toFixed(2)} ms`
  print('one commit at a time until durable: p50, p99', `${at(0.5)}, ${at(0.99)}`)
}

const loadAgain = async (directory: string): Promise<void> => {
  const empty = mkdtempSync(join(tmpdir(), 'berth-bench-empty-'))
  const warm = await open(empty)
  await warm.close()
  rmSync(empty, { recursive: true, force: true })
  collectGarbage()
  const before = process.memoryUsage()
  const delay = measureEventLoopDelay()
  const started = performance.now()
  const startedCpu = process.cpuUsage()
  const store = await open(directory)
  const milliseconds = performance.now() - started
  const cpu = process.cpuUsage(startedCpu)
  print(`start-up with ${ROWS} rows (aim: below ${LOAD_MS_LIMIT} ms)`, `${milliseconds.toFixed(0)} ms`)
  print('  processor time of all threads', `${((cpu.user + cpu.system) / 1000).toFixed(0)} ms`)
  print(
    '  longest turn meanwhile',
    `${delay.maxMs().toFixed(1)} ms (p99 ${delay.quantileMs(0.99).toFixed(1)} ms)`,
  )
  delay.stop()
  reads(store)
  await nextTurn()
  collectGarbage()
  const after = process.memoryUsage()
  const perRow = (key: 'rss' | 'heapTotal' | 'heapUsed') =>
    `${((after[key] - before[key]) / ROWS).toFixed(0)} B`
  print(`resident memory per row (aim: below ${ROW_BYTES_LIMIT} B)`, perRow('rss'))
  print('  heap in use per row', perRow('heapUsed'))
  print('  heap pages per row', perRow('heapTotal'))
  await store.close()
}

const reads = (store: JournaledStore): void => {
  const cluster = `${ACCOUNT}:cluster/production`
  const rounds = 20_000
  const started = performance.now()
  let after: string | undefined
  for (let n = 0; n < rounds; n++) {
    let left = 10
    for (const row of store.where(tasks, 'byCluster', cluster, after)) {
      after = row.id
      if (--left === 0) break
    }
    if (left > 0) after = undefined
  }
  print('pages of 10 rows by index, per second', (rounds / ((performance.now() - started) / 1000)).toFixed(0))
}

/** `parent`: where the data directory is made; another disk may be of interest. */
export const storeFigures = async (parent: string = tmpdir()): Promise<void> => {
  const data = mkdtempSync(join(parent, 'berth-bench-'))
  try {
    for (const name of ['fill', 'load']) {
      const program = [fileURLToPath(import.meta.url), name, data]
      const { status } = spawnSync(process.execPath, program, { stdio: 'inherit' })
      if (status !== 0) throw new Error(`The part ${name} has ended with ${status}`)
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [part, directory] = process.argv.slice(2)
  if (part === 'fill' && directory !== undefined) await fill(directory)
  else if (part === 'load' && directory !== undefined) await loadAgain(directory)
  else await storeFigures(part)
}
