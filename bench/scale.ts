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
import { BerthProcess, formatDelays, region, rootKey } from './berth-server.ts'
import { openConnections, sendAll } from './http-load.ts'
import type { FleetNews, FleetOrder, Wire } from './simulated-agents.ts'

const agents = 500
const tasks = 10_000
const tasksPerCall = 10
const clients = 8
const cluster = 'scale'
const aims: Readonly<Record<Wire, number>> = { official: 2500, berth: 5000 }

const fleetProgram = fileURLToPath(new URL('simulated-agents.ts', import.meta.url))

const startFleet = async (server: BerthProcess, wire: Wire) => {
  const child = fork(fleetProgram)
  const news = async (kind: FleetNews['kind']): Promise<FleetNews> => {
    for (;;) {
      const [told] = (await Promise.race([once(child, 'message'), died])) as [FleetNews]
      if (told.kind === kind) return told
    }
  }
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The simulated agents have ended with ${code}`)
  })
  died.catch(() => undefined)
  const signing = { host: server.signer.host, region, ...rootKey }
  const order: FleetOrder = { port: server.port, signing, cluster, agents, wire, tasks }
  child.send(order)
  await news('connected')
  return { running: news('running'), stop: () => child.kill() }
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

const measure = async (wire: Wire, nodeFlags: readonly string[]): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-scale-'))
  const server = await BerthProcess.start({ directory, nodeFlags })
  try {
    await prepare(server)
    const fleet = await startFleet(server, wire)
    const connections = await openConnections(server.port, clients)
    const request = { cluster, taskDefinition: 'web', count: tasksPerCall }
    const calls = Array.from({ length: tasks / tasksPerCall }, () => server.signer.call('RunTask', request))
    const processorBefore = server.processorMs
    const startedAt = Date.now()
    const load = await sendAll(connections, calls)
    const acceptedAt = Date.now()
    const told = await fleet.running
    const seconds = ((told.kind === 'running' ? told.at : Number.NaN) - startedAt) / 1000
    const running = await runningTasks(server)
    if (running !== tasks) throw new Error(`${running} tasks are RUNNING, not ${tasks}`)
    const processorSeconds = (server.processorMs - processorBefore) / 1000
    console.log(
      `${wire.padEnd(9)} ${(tasks / seconds).toFixed(0)} tasks/s from RunTask to RUNNING (aim ${aims[wire]}), ` +
        `${seconds.toFixed(2)} s in all; the last RunTask was answered after ${((acceptedAt - startedAt) / 1000).toFixed(2)} s, ` +
        `${load.perSecond.toFixed(0)} calls/s`,
    )
    console.log(
      `          the server took ${processorSeconds.toFixed(2)} s of processor time, ${((processorSeconds / tasks) * 1e6).toFixed(0)} µs a task`,
    )
    console.log(
      `          its event loop's delays since the start: ${formatDelays(await server.loopDelays())}`,
    )
    for (const connection of connections) connection.close()
    fleet.stop()
  } finally {
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** `nodeFlags` are for the server's process. */
export const scale = async (nodeFlags: readonly string[] = []): Promise<void> => {
  console.log(
    `${tasks.toLocaleString('en')} tasks, ${tasksPerCall} a RunTask call, ${clients} clients, ${agents} agents`,
  )
  for (const wire of ['official', 'berth'] as const) await measure(wire, nodeFlags)
}
