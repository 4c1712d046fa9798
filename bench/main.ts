import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { agentLoad } from './agent.ts'
import { apiRates } from './api-rates.ts'
import { containerLogs } from './container-logs.ts'
import { exits } from './exit.ts'
import { killHost } from './kill-host.ts'
import { memory } from './memory.ts'
import { replaceTask } from './replace-task.ts'
import { rolling, rollingWithAddresses } from './rolling.ts'
import { scale } from './scale.ts'
import { startTasks } from './start-tasks.ts'
import { storeFigures } from './store.ts'
import { traffic } from './traffic/traffic.ts'

/** A benchmark that is a program of its own. */
const program = (file: string) => async (): Promise<void> => {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const { status } = spawnSync(process.execPath, [path], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${file} has ended with ${status}`)
}

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  'start-tasks': () => startTasks(true),
  'start-tasks-without-swarm': () => startTasks(false),
  'replace-task': replaceTask,
  'kill-host': killHost,
  rolling,
  'rolling-with-addresses': rollingWithAddresses,
  'api-rates': apiRates,
  scale,
  placement: program('placement.ts'),
  memory,
  store: storeFigures,
  logs: program('logs.ts'),
  'container-logs': containerLogs,
  agent: agentLoad,
  exit: exits,
  traffic,
}

const chosen = process.argv.slice(2)
const unknown = chosen.find(name => benchmarks[name] === undefined)
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}. There are: ${Object.keys(benchmarks).join(', ')}`)
  process.exit(2)
}
console.log(
  `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
)
for (const name of chosen.length > 0 ? chosen : Object.keys(benchmarks)) {
  // Figures of a machine that does other things too say little: the reader must know.
  console.log(`\n== ${name} (load of the machine before: ${loadavg()[0]?.toFixed(1)})`)
  await benchmarks[name]?.()
}
