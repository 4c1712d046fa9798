/** `node packages/agent/src/main.ts`: the agent of one host. Its configuration is in configuration.ts. */
import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { type Agent, startAgent } from './agent.ts'
import { systemClock } from './clock.ts'
import { ConfigurationError, readConfiguration } from './configuration.ts'
import { createDockerEngine } from './engine/docker/docker-engine.ts'
import { EngineError } from './engine/engine.ts'
import { beginAgainWithoutCompiler } from './lean-start.ts'
import type { Log } from './log.ts'
import { createLogShipper, jsonFileOptions } from './logs/index.ts'
import { runCommand } from './metadata/index.ts'
import { RegistrationRefused } from './registration/registration.ts'
import { createSecretReader } from './secrets/index.ts'
import { createSqliteStateStore } from './state/sqlite-state-store.ts'
import { linuxDisks, missingForDisks } from './volumes/ebs/linux-disks.ts'
import { LoopDeviceDriver } from './volumes/ebs/loop-device-driver.ts'
import { kernelHasNfs, readFileSystems } from './volumes/efs/file-systems.ts'

/** As the official agent ends when a supervisor must not start it again. */
const terminalExitCode = 5

const canHaveVolumes = async (log: Log): Promise<boolean> => {
  const missing = await missingForDisks()
  if (missing.length > 0) log.warn({ missing }, 'this host takes no tasks with EBS volumes')
  return missing.length === 0
}

const run = async (): Promise<void> => {
  const configuration = readConfiguration(process.env)
  const log = pino({ level: configuration.logLevel, name: 'berth-agent' })
  const store = createSqliteStateStore(configuration.dataDirectory, error => {
    log.fatal(
      { error: String(error) },
      'the agent cannot write its state; it stops, and the containers run on',
    )
    process.exit(1)
  })
  let agent: Agent | undefined
  let isStopping = false
  const stop = (signal: string): void => {
    log.info({ signal }, 'stopping; the containers run on')
    // A second signal: somebody does not want to wait. What is not written yet is found again at the next start.
    if (!agent || isStopping) process.exit(0)
    isStopping = true
    agent.stop().then(
      () => process.exit(0),
      error => {
        log.error({ error: String(error) }, 'cannot stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  const ebs = new LoopDeviceDriver(resolve(configuration.ebsDirectory), linuxDisks)
  await ebs.recover()
  agent = await startAgent({
    configuration,
    store,
    log,
    engine: createDockerEngine(configuration.dockerSocket, systemClock),
    logs: createLogShipper({
      ...configuration,
      stateDir: join(configuration.dataDirectory, 'logs'),
      clock: systemClock,
      report: problem => log.warn({}, problem),
    }),
    readSecret: createSecretReader({ endpoint: configuration.endpoint, region: configuration.region }),
    agentLogging: { driver: 'json-file', options: jsonFileOptions },
    ebs,
    hasEbs: await canHaveVolumes(log),
    hasNfs: await kernelHasNfs(),
    fileSystems: async () => (configuration.efsMap ? readFileSystems(configuration.efsMap) : {}),
    run: runCommand,
    clock: systemClock,
    random: Math.random,
    newId: randomUUID,
    architecture: process.arch,
  })
}

beginAgainWithoutCompiler()
run().catch(error => {
  const isTerminal =
    error instanceof ConfigurationError ||
    error instanceof RegistrationRefused ||
    (error instanceof EngineError && !error.retryable)
  process.stderr.write(`berth agent: ${isTerminal ? error.message : (error?.stack ?? error)}\n`)
  process.exit(isTerminal ? terminalExitCode : 1)
})
