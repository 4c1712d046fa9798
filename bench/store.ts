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
import { taskRow, tasks } from './store-tasks.ts'

const ROWS = 100_000
/** The aim, in bytes of resident memory per row, indexes included. */
const ROW_BYTES_LIMIT = 3 * 1024
const LOAD_MS_LIMIT = 3000

const open = async (directory: string): Promise<JournaledStore> => {
  const journal = createSqliteJournal({
    directory,
    tableModules: [new URL('./store-tasks.ts', import.meta.url)],
  })
  const store = createStore({ tables: [tasks], histories: [], journal })
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
  const cluster = taskRow(0).clusterArn
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
