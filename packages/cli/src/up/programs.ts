import { join } from 'node:path'
import { type Configuration, configurationEnvironment, endpointOf } from '../configuration.ts'
import { agentAccessKey } from '../credentials.ts'
import { Program } from './program.ts'

const programFile = (name: string, file = 'main.ts'): string =>
  join(import.meta.dirname, '../../..', name, 'src', file)
const node = ['--disable-warning=ExperimentalWarning']
/** It allocates little: what a larger young generation would save of the processor is not worth its memory on each host. */
const agentNode = [...node, '--max-semi-space-size=2']

export const serverProgram = (configuration: Configuration, note: (text: string) => void): Program =>
  new Program({
    name: 'The server',
    command: process.execPath,
    args: [...node, programFile('control-plane')],
    environment: configurationEnvironment(configuration),
    logFile: join(configuration.dataDir, 'log', 'server.log'),
    stopTimeoutMs: 10_000,
    note,
  })

/** What the agent of this machine is told; its credentials are good for its own instance only. */
export const agentEnvironment = (configuration: Configuration, cluster: string): Record<string, string> => {
  const key = agentAccessKey(configuration)
  return {
    BERTH_ENDPOINT: endpointOf(configuration),
    BERTH_CLUSTER: cluster,
    BERTH_REGION: configuration.region,
    BERTH_AGENT_DATA_DIR: join(configuration.dataDir, 'agent'),
    BERTH_FARGATE: 'true',
    BERTH_INGRESS: 'true',
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  }
}

export const agentProgram = (configuration: Configuration, note: (text: string) => void): Program =>
  new Program({
    name: 'The agent',
    command: process.execPath,
    args: [...agentCommandLine()],
    environment: agentEnvironment(configuration, 'default'),
    logFile: join(configuration.dataDir, 'log', 'agent.log'),
    stopTimeoutMs: 10_000,
    note,
  })

/** Runs the server in the foreground, on this process's own output. */
export const serverCommandLine = (): readonly string[] => [...node, programFile('control-plane')]
export const agentCommandLine = (): readonly string[] => [...agentNode, programFile('agent')]
export const maintenanceCommandLine = (): readonly string[] => [
  ...node,
  programFile('control-plane', 'maintenance.ts'),
]
