/**
 * What 100,000 tasks cost: resident memory each, the time of a start, and the turns of the event loop while they are
 * loaded and asked for. The memory of each case is measured in a process of its own.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tasks } from '../packages/control-plane/src/services/ecs/tables/index.ts'
import { BerthProcess, formatDelays } from './berth-server.ts'
import { clusterName, fill, fillDirectory, openStore } from './ecs-rows.ts'
import { openConnections, sendAll } from './http-load.ts'

const taskCount = 100_000
const instances = 500
const rowBytesAim = 3 * 1024
const startMsAim = 3000
const turnMsAim = 10
const trafficMs = 10_000
/** V8 keeps the pages of a thread that has ended, as the one that reads rows at a start, for eight seconds. */
const settleMs = 10_000

type MemoryCase = 'loaded' | 'read' | 'made'

const caseNames: Readonly<Record<MemoryCase, string>> = {
  loaded: 'after a start',
  read: 'after a start, once every task has been read',
  made: 'made by RunTask and reports',
}

const collectGarbage = async (): Promise<void> => {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    await delay(50)
  }
}

/** In a process of its own, with --expose-gc. */
const measureMemory = async (name: MemoryCase, directory: string): Promise<void> => {
  const empty = mkdtempSync(join(tmpdir(), 'berth-bench-memory-'))
  // The same program runs before the first reading, so that code and threads are in both.
  const warm = await openStore(empty)
  await fill(warm, { instances, tasks: 500 })
  await warm.close()
  await collectGarbage()
  const before = process.memoryUsage()
  const store = await openStore(name === 'made' ? mkdtempSync(join(empty, 'made-')) : directory)
  if (name === 'made') await fill(store, { instances, tasks: taskCount })
  if (name === 'read') for (const task of store.all(tasks)) if (task.version === 0) throw new Error(task.id)
  await store.durable()
  await delay(settleMs)
  await collectGarbage()
  const after = process.memoryUsage()
  const count = [...store.all(tasks)].length
  if (count !== taskCount) throw new Error(`There are ${count} tasks, not ${taskCount}`)
  const perRow = (key: 'rss' | 'heapUsed'): string => ((after[key] - before[key]) / taskCount).toFixed(0)
  console.log(
    `resident memory a task row, ${caseNames[name]}: ${perRow('rss')} bytes (aim: below ${rowBytesAim}), heap in use ${perRow('heapUsed')} bytes`,
  )
  await store.close()
  rmSync(empty, { recursive: true, force: true })
}

/** A mix of reads and writes, some of which move hundreds of tasks, until the time is over. */
const sendTraffic = async (server: BerthProcess, taskArns: readonly string[]): Promise<number> => {
  const connections = await openConnections(server.port, 8)
  const end = performance.now() + trafficMs
  let sent = 0
  for (let round = 0; performance.now() < end; round++) {
    const sign = (operation: string, input: object) =>
      server.signer.call(operation, { cluster: clusterName, ...input })
    const someTasks = Array.from(
      { length: 100 },
      (_, index) => taskArns[(round * 997 + index * 31) % taskCount],
    )
    const service = `web-${round % (taskCount / 500)}`
    const requests = [
      ...Array.from({ length: 20 }, () => sign('DescribeTasks', { tasks: someTasks })),
      ...Array.from({ length: 20 }, () => sign('ListTasks', {})),
      sign('ListTasks', { serviceName: service }),
      ...Array.from({ length: 20 }, () => sign('RunTask', { taskDefinition: 'web:1', count: 10 })),
      sign('UpdateService', { service, desiredCount: 400 + (round % 2) * 200 }),
      sign('UpdateService', { service, forceNewDeployment: true }),
      sign('DescribeServices', { services: [service] }),
    ]
    await sendAll(connections, requests)
    sent += requests.length
  }
  for (const connection of connections) connection.close()
  return sent
}

/** A server without tasks: what a start takes in any case. It also leaves compiled code behind for the next start. */
const measureEmptyStart = async (): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-empty-'))
  for (let time = 0; time < 2; time++) {
    const server = await BerthProcess.start({ directory })
    console.log(`start of a server without tasks: ${server.startMs.toFixed(0)} ms`)
    await server.stop()
  }
  rmSync(directory, { recursive: true, force: true })
}

const measureServer = async (directory: string, taskArns: readonly string[]): Promise<void> => {
  const server = await BerthProcess.start({ directory })
  try {
    console.log(
      `start of the server with ${taskCount.toLocaleString('en')} live tasks, from spawn to its first answer: ` +
        `${server.startMs.toFixed(0)} ms (aim: below ${startMsAim}), processor time ${server.processor.allMs.toFixed(0)} ms`,
    )
    console.log(
      `delays of its event loop while it started: ${formatDelays(await server.loopDelays())} (aim: max ${turnMsAim} ms)`,
    )
    const sent = await sendTraffic(server, taskArns)
    console.log(
      `delays of its event loop after ${sent} requests (DescribeTasks of 100, ListTasks, RunTask of 10, UpdateService): ` +
        `${formatDelays(await server.loopDelays())} (aim: max ${turnMsAim} ms)`,
    )
  } finally {
    await server.stop()
  }
}

export const memory = async (): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-memory-'))
  try {
    const taskArns = await fillDirectory(directory, { instances, tasks: taskCount })
    for (const name of Object.keys(caseNames)) {
      const program = ['--expose-gc', fileURLToPath(import.meta.url), name, directory]
      const { status } = spawnSync(process.execPath, program, { stdio: 'inherit' })
      if (status !== 0) throw new Error(`The memory could not be measured: exit code ${status}`)
    }
    await measureEmptyStart()
    await measureServer(directory, taskArns)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const [name, directory] = process.argv.slice(2)
if (process.argv[1] === fileURLToPath(import.meta.url) && directory !== undefined)
  await measureMemory(name as MemoryCase, directory)
