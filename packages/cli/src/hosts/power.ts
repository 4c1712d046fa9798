/** A local host is switched on and off as a machine is: nothing of it runs on, nothing is told. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { agentSecretAccessKey } from '@berth/aws-api'
import type { Configuration } from '../configuration.ts'
import { rootAccessKey } from '../credentials.ts'
import { CommandFailure } from '../failures.ts'
import { agentCommandLine } from '../up/programs.ts'
import { until } from '../up/waiting.ts'
import { hostsEndpoint } from './endpoint-proxy.ts'
import {
  type HostCgroups,
  hasProcesses,
  killProcesses,
  makeCgroups,
  readHostCgroups,
  removeCgroups,
} from './host-cgroups.ts'
import { engineSocket, type HostRecord, hostAttribute, hostDirectory, machineName } from './host-records.ts'
import { machine, machinePath } from './machine.ts'
import { plugIn, setCable, unplug } from './network.ts'

const script = join(import.meta.dirname, 'host-power-on.sh')

const cgroupsOf = (dataDir: string, name: string): HostCgroups => readHostCgroups(machineName(dataDir, name))

export const isOn = (dataDir: string, name: string): boolean => hasProcesses(cgroupsOf(dataDir, name))

/** The end of a log of the host: of its `power`, `engine` or `agent`. */
const logTail = (dataDir: string, name: string, log: string): string => {
  const file = join(hostDirectory(dataDir, name), 'log', `${log}.log`)
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n') : ''
}

export const logsOf = (dataDir: string, name: string): string =>
  ['power', 'engine', 'agent']
    .map(log => logTail(dataDir, name, log))
    .filter(Boolean)
    .join('\n')

const agentEnvironment = (configuration: Configuration, host: HostRecord): Record<string, string> => ({
  BERTH_ENDPOINT: hostsEndpoint,
  BERTH_CLUSTER: host.cluster,
  BERTH_REGION: configuration.region,
  BERTH_AVAILABILITY_ZONE: host.zone,
  BERTH_INSTANCE_ATTRIBUTES: [{ name: hostAttribute, value: host.name }, ...host.attributes]
    .map(({ name, value }) => `${name}=${value}`)
    .join(','),
  BERTH_AGENT_DATA_DIR: join(hostDirectory(configuration.dataDir, host.name), 'agent'),
  BERTH_DOCKER_SOCKET: '/run/docker.sock',
  AWS_ACCESS_KEY_ID: host.accessKeyId,
  AWS_SECRET_ACCESS_KEY: agentSecretAccessKey(rootAccessKey(configuration).secretAccessKey, host.accessKeyId),
})

/** Registries that the machine's engine trusts are trusted by the hosts' engines, too. */
const prepareDirectory = (directory: string): void => {
  for (const name of ['engine', 'agent', 'log', 'etc'])
    mkdirSync(join(directory, name), { recursive: true, mode: 0o700 })
  const certificates = '/etc/docker/certs.d'
  if (existsSync(certificates)) cpSync(certificates, join(directory, 'etc/certs.d'), { recursive: true })
  // Containers outlive an engine that is killed, as those of hosts that are set up for tasks do.
  writeFileSync(join(directory, 'etc/daemon.json'), JSON.stringify({ 'live-restore': true }))
}

const start = async (configuration: Configuration, host: HostRecord, cgroups: HostCgroups): Promise<void> => {
  const directory = hostDirectory(configuration.dataDir, host.name)
  const log = openSync(join(directory, 'log/power.log'), 'a', 0o600)
  const { AWS_SESSION_TOKEN: _ofTheUser, ...environment } = process.env
  const child = spawn('/bin/sh', [script, 'enter', ...agentCommandLine()], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...environment,
      ...agentEnvironment(configuration, host),
      PATH: machinePath,
      HOST_DIR: directory,
      HOST_NAME: host.name,
      HOST_NETWORK: machineName(configuration.dataDir, host.name),
      HOST_CGROUPS: cgroups.directories.join(' '),
      HOST_LEAF: cgroups.leaf ?? '',
      HOST_NODE: process.execPath,
    },
  })
  closeSync(log)
  const [code] = await once(child, 'exit')
  if (code !== 0)
    throw new CommandFailure(
      `${host.name} could not be switched on:\n${logTail(configuration.dataDir, host.name, 'power')}`,
    )
}

const engineAnswers = (dataDir: string, name: string): Promise<boolean> =>
  machine('docker', '-H', `unix://${engineSocket(dataDir, name)}`, 'version').then(
    () => true,
    () => false,
  )

/** Resolves once its engine answers. The agent starts as soon as `giveImages` has been called once. */
export const powerOn = async (configuration: Configuration, host: HostRecord): Promise<void> => {
  const { dataDir } = configuration
  await powerOff(configuration, host)
  prepareDirectory(hostDirectory(dataDir, host.name))
  await plugIn(host, machineName(dataDir, host.name), machineName(dataDir))
  const cgroups = cgroupsOf(dataDir, host.name)
  makeCgroups(cgroups)
  await start(configuration, host, cgroups)
  await until(() => engineAnswers(dataDir, host.name), {
    timeoutMs: 60_000,
    complaint: () => `The engine of ${host.name} does not answer:\n${logTail(dataDir, host.name, 'engine')}`,
  })
}

/** The cable first: a machine without power says no goodbye. Also of what a crash has left. */
export const powerOff = async ({ dataDir }: Configuration, host: HostRecord): Promise<void> => {
  // There is no cable where there is no namespace.
  await setCable(host, machineName(dataDir), 'down').catch(() => {})
  const cgroups = cgroupsOf(dataDir, host.name)
  await until(async () => !killProcesses(cgroups), {
    timeoutMs: 20_000,
    complaint: () => `Processes of ${host.name} do not end; they are in ${cgroups.directories[0]}.`,
  })
  await unplug(host, machineName(dataDir, host.name), machineName(dataDir))
  removeCgroups(cgroups)
  rmSync(engineSocket(dataDir, host.name), { force: true })
}

/** Disks of EBS volumes that the host had mounted: the kernel holds them for whoever switches it on again. */
export const detachDisks = async (dataDir: string, host: HostRecord): Promise<void> => {
  const directory = `${hostDirectory(dataDir, host.name)}/`
  const devices = await machine('losetup', '--list', '--noheadings', '--output', 'NAME,BACK-FILE')
  for (const line of devices.split('\n')) {
    const [device, file] = line.trim().split(/\s+/)
    if (device && file?.startsWith(directory)) await machine('losetup', '--detach', device)
  }
}
