/**
 * Signed requests per second on one core, and their latencies, with 100, 10,000 and 100,000 tasks in the store: one
 * server for each, all bound to the same core and asked in turns, so that a slow moment of the machine meets all three.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BerthProcess } from './berth-server.ts'
import { clusterName, fillDirectory } from './ecs-rows.ts'
import { type HttpConnection, type LoadFigures, openConnections, sendAll } from './http-load.ts'
import { median, percentile } from './measure.ts'

const sizes = [100, 10_000, 100_000] as const
const instances = 500
const connectionsPerServer = 8
const rounds = 7
const serverCore = 0
const clientCore = 1

interface Operation {
  readonly name: 'DescribeTasks' | 'ListTasks' | 'RunTask'
  readonly requestsPerRound: number
  readonly warmUp: number
  readonly input: (taskArns: readonly string[]) => object
}

const anyOf = (arns: readonly string[]): string => arns[Math.floor(Math.random() * arns.length)] ?? ''

/** RunTask comes last, and its requests are few: each leaves a task, and would make the smallest store a big one. */
const operations: readonly Operation[] = [
  {
    name: 'DescribeTasks',
    requestsPerRound: 2000,
    warmUp: 4000,
    input: arns => ({ cluster: clusterName, tasks: [anyOf(arns)] }),
  },
  {
    name: 'ListTasks',
    requestsPerRound: 1500,
    warmUp: 3000,
    input: () => ({ cluster: clusterName }),
  },
  {
    name: 'RunTask',
    requestsPerRound: 300,
    warmUp: 600,
    input: () => ({ cluster: clusterName, taskDefinition: 'web:1' }),
  },
]

interface Contender {
  readonly tasks: number
  readonly taskArns: readonly string[]
  readonly directory: string
  readonly server: BerthProcess
  readonly connections: readonly HttpConnection[]
}

const startContender = async (tasks: number): Promise<Contender> => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-rates-'))
  const taskArns = await fillDirectory(directory, { instances, tasks })
  const server = await BerthProcess.start({ directory, core: serverCore })
  const connections = await openConnections(server.port, connectionsPerServer)
  return { tasks, taskArns, directory, server, connections }
}

const stopContender = async ({ server, connections, directory }: Contender): Promise<void> => {
  for (const connection of connections) connection.close()
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
}

interface Round {
  readonly load: LoadFigures
  /** Of the server, for each request. */
  readonly processorMs: number
}

/** Signed before the clock starts: the client must not be what is measured. */
const ask = async (contender: Contender, { name, input }: Operation, count: number): Promise<Round> => {
  const { server, taskArns, connections } = contender
  const requests = Array.from({ length: count }, () => server.signer.call(name, input(taskArns)))
  const before = server.processor.allMs
  const load = await sendAll(connections, requests)
  return { load, processorMs: (server.processor.allMs - before) / count }
}

interface Figures {
  readonly perSecond: number
  readonly processorMs: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const summary = (rounds: readonly Round[]): Figures => {
  const latencies = rounds.flatMap(({ load }) => load.latenciesMs)
  return {
    perSecond: median(rounds.map(({ load }) => load.perSecond)),
    processorMs: median(rounds.map(({ processorMs }) => processorMs)),
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
  }
}

const measure = async (contenders: readonly Contender[], operation: Operation): Promise<void> => {
  const taken = new Map<Contender, Round[]>(contenders.map(contender => [contender, []]))
  for (const contender of contenders) await ask(contender, operation, operation.warmUp)
  for (let round = 0; round < rounds; round++)
    for (const contender of contenders)
      taken.get(contender)?.push(await ask(contender, operation, operation.requestsPerRound))
  const figures = contenders.map(contender => summary(taken.get(contender) ?? []))
  for (const [index, contender] of contenders.entries()) {
    const [own, first] = [figures[index], figures[0]]
    if (own !== undefined && first !== undefined) print(operation.name, contender.tasks, own, first)
  }
}

const print = (operation: string, tasks: number, own: Figures, first: Figures): void =>
  console.log(
    [
      operation.padEnd(14),
      `${tasks.toLocaleString('en')} tasks`.padStart(14),
      `${own.perSecond.toFixed(0).padStart(6)}/s`,
      `${(first.perSecond / own.perSecond).toFixed(2)} × slower`,
      `p50 ${own.p50Ms.toFixed(2)} ms`,
      `p99 ${own.p99Ms.toFixed(2)} ms`,
      `processor ${(own.processorMs * 1000).toFixed(0)} µs`,
      `${(own.processorMs / first.processorMs).toFixed(2)} ×`,
    ].join('  '),
  )

export const apiRates = async (): Promise<void> => {
  console.log(
    `${instances} container instances; ${connectionsPerServer} connections; server on core ${serverCore}, client on core ${clientCore}`,
  )
  const contenders: Contender[] = []
  const pin = (cores: string): void => {
    execFileSync('taskset', ['-a', '-c', '-p', cores, String(process.pid)], { stdio: 'ignore' })
  }
  try {
    for (const tasks of sizes) contenders.push(await startContender(tasks))
    pin(String(clientCore))
    for (const operation of operations) await measure(contenders, operation)
  } finally {
    pin('0-1023')
    for (const contender of contenders) await stopContender(contender)
  }
}
