import type { Command } from '../command.ts'
import { configurationEnvironment } from '../configuration.ts'
import { runInForeground } from '../foreground.ts'
import { serverCommandLine } from '../up/programs.ts'

export const server: Command = {
  name: 'server',
  summary: 'Run a control plane in the foreground; needs no Docker',
  usage: '[--in-memory] [--insecure-any-credentials] [--host 127.0.0.1]',
  options: {
    'in-memory': { type: 'boolean' },
    'insecure-any-credentials': { type: 'boolean' },
    host: { type: 'string' },
  },
  positionals: [0, 0],
  run: ({ configuration, flags }) =>
    runInForeground(serverCommandLine(), {
      ...configurationEnvironment(configuration),
      ...(flags['in-memory'] === true ? { BERTH_IN_MEMORY: 'true' } : {}),
      ...(flags['insecure-any-credentials'] === true ? { BERTH_INSECURE_ANY_CREDENTIALS: 'true' } : {}),
      ...(typeof flags['host'] === 'string' ? { BERTH_HOST: flags['host'] } : {}),
    }),
}
