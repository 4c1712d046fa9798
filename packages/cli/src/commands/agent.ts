import type { Command } from '../command.ts'
import { text } from '../flags.ts'
import { runInForeground } from '../foreground.ts'
import { agentCommandLine, agentEnvironment } from '../up/programs.ts'

export const agent: Command = {
  name: 'agent',
  summary: 'Run an agent in the foreground: this machine joins a cluster',
  usage: '[--cluster default] [--endpoint URL]',
  options: { cluster: { type: 'string' }, endpoint: { type: 'string' } },
  positionals: [0, 0],
  run: ({ configuration, flags }) => {
    const endpoint = text(flags, 'endpoint')
    const given = process.env['AWS_ACCESS_KEY_ID'] !== undefined && endpoint !== undefined
    const cluster = text(flags, 'cluster') ?? 'default'
    return runInForeground(agentCommandLine(), {
      ...(given
        ? { BERTH_CLUSTER: cluster, BERTH_REGION: configuration.region }
        : agentEnvironment(configuration, cluster)),
      ...(endpoint === undefined ? {} : { BERTH_ENDPOINT: endpoint }),
    })
  },
}
