/** Brings the hosts to the server: listens in the switch's namespace alone, and connects to the server on loopback. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { until } from '../up/waiting.ts'
import { filesOf, machineName } from './host-records.ts'
import { machine } from './machine.ts'
import { switchAddress } from './network.ts'

/** The same whatever port the server has: hosts keep their configuration. */
const port = 4566
export const hostsEndpoint = `http://${switchAddress}:${port}`

/** Requests to another name are refused: the server takes those to a loopback name for the machine's own. */
export const proxyConfiguration = (namespace: string, serverPort: number): string => `global
  maxconn 4000
  nbthread 1

defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  timeout tunnel 5m

frontend hosts
  bind ${switchAddress}:${port} namespace ${namespace}
  http-request deny unless { req.hdr(host) -m str ${switchAddress}:${port} }
  http-request deny if { path_beg /_berth/ } || { path /metrics }
  default_backend server

backend server
  server berth 127.0.0.1:${serverPort}
`

/** The process that runs with this directory's configuration; undefined when it has ended, whoever has its number now. */
const proxyPid = (dataDir: string): number | undefined => {
  const { proxyPid: file, proxyConfiguration: configuration } = filesOf(dataDir)
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8').trim())
  const commandLine = `/proc/${pid}/cmdline`
  return existsSync(commandLine) && readFileSync(commandLine, 'utf8').split('\0').includes(configuration)
    ? pid
    : undefined
}

export const stopProxy = async (dataDir: string): Promise<void> => {
  const pid = proxyPid(dataDir)
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  await until(async () => proxyPid(dataDir) === undefined, {
    timeoutMs: 5_000,
    complaint: () => `HAProxy (process ${pid}) does not end.`,
  })
  rmSync(filesOf(dataDir).proxyPid, { force: true })
}

/** Again only when it does not run, leads elsewhere, or its namespace is another one now. */
export const ensureProxy = async (
  dataDir: string,
  serverPort: number,
  isNewNamespace: boolean,
): Promise<void> => {
  const files = filesOf(dataDir)
  const wanted = proxyConfiguration(machineName(dataDir), serverPort)
  const isAsWanted =
    existsSync(files.proxyConfiguration) && readFileSync(files.proxyConfiguration, 'utf8') === wanted
  if (!isNewNamespace && isAsWanted && proxyPid(dataDir) !== undefined) return
  await stopProxy(dataDir)
  writeFileSync(files.proxyConfiguration, wanted, { mode: 0o600 })
  await machine('haproxy', '-D', '-f', files.proxyConfiguration, '-p', files.proxyPid)
}
