import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Command, Invocation } from '../command.ts'
import { CommandFailure } from '../failures.ts'
import { readHealth } from '../health.ts'
import { readHosts } from '../hosts/host-records.ts'
import { endLoadBalancers } from '../up/load-balancer-processes.ts'
import { readRunState } from '../up/run-state.ts'
import { until } from '../up/waiting.ts'

const docker = promisify(execFile)

/** Removes the containers that this data directory's agent started; the services start new ones at the next `up`. */
const removeContainers = async (incarnation: string): Promise<number> => {
  const { stdout } = await docker('docker', [
    'ps',
    '-aq',
    '--filter',
    `label=berth.incarnation=${incarnation}`,
  ])
  const ids = stdout.split('\n').filter(id => id !== '')
  if (ids.length > 0) await docker('docker', ['rm', '-f', ...ids])
  return ids.length
}

const run = async ({ configuration, flags, output }: Invocation): Promise<number> => {
  const state = readRunState(configuration.dataDir)
  if (state === undefined) throw new CommandFailure(`No \`berth up\` runs on ${configuration.dataDir}.`)
  const health = await readHealth({ ...configuration, port: state.port })
  if (flags['tasks'] === true && health === undefined)
    throw new CommandFailure(
      'The server does not answer, and only it knows which containers are its own. Try again without --tasks.',
    )
  const hosts = readHosts(configuration.dataDir)
  process.kill(state.pid, 'SIGTERM')
  await until(async () => readRunState(configuration.dataDir) === undefined, {
    timeoutMs: 30_000,
    complaint: () => `Process ${state.pid} does not stop; see ${configuration.dataDir}/log.`,
  })
  if (flags['tasks'] === true) endLoadBalancers(configuration.dataDir)
  const removed =
    flags['tasks'] === true && health !== undefined ? await removeContainers(health.incarnation) : 0
  const stopped = { stopped: state.pid, containersRemoved: removed, hostsOff: hosts.map(({ name }) => name) }
  output.show(stopped, () => {
    output.line(
      flags['tasks'] === true
        ? `Berth is down; removed ${removed} containers.`
        : 'Berth is down; its tasks and load balancers go on running.',
    )
    if (hosts.length > 0)
      output.line(`The local hosts are off until the next \`berth up\`, and their tasks with them.`)
  })
  return 0
}

export const down: Command = {
  name: 'down',
  summary:
    'Stop what `berth up` started, and local hosts; tasks and load balancers of this machine go on running unless --tasks removes them',
  usage: '[--tasks]',
  options: { tasks: { type: 'boolean' } },
  positionals: [0, 0],
  run,
}
