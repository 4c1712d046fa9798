/**
 * Tasks a second from RunTask to RUNNING, on 500 simulated agents in another process, over real sockets, every state
 * change durable before it is answered; with the official agent's wire and with that of Berth's own agent.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BerthProcess, formatDelays, processorOf, region, rootKey } from './berth-server.ts'
import { type HttpConnection, openConnections, sendAll } from './http-load.ts'
import type { FleetNews, FleetOrder, Wire } from './simulated-agents.ts'

const agents = 500
const tasks = 10_000
const tasksPerCall = 10
/** So many that calls wait for the disk together, and leave no processor idle meanwhile. */
const clients = 16
/** The first round meets a server whose code is not compiled yet. */
const rounds = 3
const cluster = 'scale'
const wires = ['official', 'berth'] as const
const aims: Readonly<Record<Wire, number>> = { official: 2500, berth: 5000 }

const fleetProgram = fileURLToPath(new URL('simulated-agents.ts', import.meta.url))

interface Fleet {
  /** When the last of the next round's tasks is RUNNING and durable: milliseconds since the epoch. */
  readonly nextRound: () => Promise<number>
  readonly pid: number
  readonly stop: () => void
}

const startFleet = async (server: BerthProcess, wire: Wire): Promise<Fleet> => {
  const child = fork(fleetProgram)
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The simulated agents have ended with ${code}`)
  })
  died.catch(() => undefined)
  const news = async (): Promise<FleetNews> => {
    const [told] = (await Promise.race([once(child, 'message'), died])) as [FleetNews]
    return told
  }
  const signing = { host: server.signer.host, region, ...rootKey }
  const order: FleetOrder = { port: server.port, signing, cluster, agents, wire, tasksPerRound: tasks }
  child.send(order)
  await news()
  return { nextRound: async () => (await news()).at, pid: child.pid ?? 0, stop: () => child.kill() }
}

const prepare = async (server: BerthProcess): Promise<void> => {
  const [connection] = await openConnections(server.port, 1)
  const call = (operation: string, input: object) => connection?.call(server.signer.call(operation, input))
  await call('CreateCluster', { clusterName: cluster })
  await call('RegisterTaskDefinition', {
    family: 'web',
    containerDefinitions: [{ name: 'web', image: 'web:1', cpu: 10, memory: 32, essential: true }],
  })
  connection?.close()
}

/** What the API says at the end: nothing is believed that only the agents say. */
const runningTasks = async (server: BerthProcess): Promise<number> => {
  const [connection] = await openConnections(server.port, 1)
  const body = await connection?.call(server.signer.call('DescribeClusters', { clusters: [cluster] }))
  connection?.close()
  const answer = JSON.parse(String(body)) as { clusters: { runningTasksCount: number }[] }
  return answer.clusters[0]?.runningTasksCount ?? 0
}

interface Setting {
  readonly wire: Wire
  readonly server: BerthProcess
  readonly fleet: Fleet
  readonly connections: readonly HttpConnection[]
}

const measureRound = async ({ wire, server, fleet, connections }: Setting, round: number): Promise<void> => {
  const request = { cluster, taskDefinition: 'web', count: tasksPerCall }
  const calls = Array.from({ length: tasks / tasksPerCall }, () => server.signer.call('RunTask', request))
  const benchMs = (): number => processorOf(fleet.pid).allMs + processorOf(process.pid).allMs
  const [before, benchBefore] = [server.processor, benchMs()]
  const allRunning = fleet.nextRound()
  const startedAt = Date.now()
  await sendAll(connections, calls)
  const acceptedAt = Date.now()
  const seconds = ((await allRunning) - startedAt) / 1000
  const { mainThreadMs, allMs } = server.processor
  const ownMs = benchMs() - benchBefore
  const running = await runningTasks(server)
  if (running !== tasks * round) throw new Error(`${running} tasks are RUNNING, not ${tasks * round}`)
  const perTask = (ms: number): string => `${((ms / tasks) * 1000).toFixed(0)} µs`
  console.log(
    [
      `${wire.padEnd(9)} tasks ${(tasks * (round - 1)).toLocaleString('en')} to ${running.toLocaleString('en')}:`,
      `${(tasks / seconds).toFixed(0)} tasks/s (aim ${aims[wire]}),`,
      `all accepted after ${((acceptedAt - startedAt) / 1000).toFixed(2)} s, RUNNING after ${seconds.toFixed(2)} s;`,
      `processor ${perTask(mainThreadMs - before.mainThreadMs)} a task of the main thread,`,
      `${perTask(allMs - before.allMs)} of all,`,
      `${perTask(ownMs)} of the agents and clients`,
    ].join(' '),
  )
}

const measure = async (wire: Wire): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-scale-'))
  const server = await BerthProcess.start({ directory })
  try {
    await prepare(server)
    const fleet = await startFleet(server, wire)
    const connections = await openConnections(server.port, clients)
    for (let round = 1; round <= rounds; round++)
      await measureRound({ wire, server, fleet, connections }, round)
    console.log(
      `          delays of the event loop since the start: ${formatDelays(await server.loopDelays())}`,
    )
    for (const connection of connections) connection.close()
    fleet.stop()
  } finally {
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

export const scale = async (): Promise<void> => {
  console.log(
    `${tasks.toLocaleString('en')} tasks a round, ${tasksPerCall} a RunTask call, ${clients} clients, ${agents} agents`,
  )
  for (const wire of wires) await measure(wire)
}
