import { StopTaskCommand } from '@aws-sdk/client-ecs'
import { ecsClient, talking } from '../clients.ts'
import type { Command } from '../command.ts'
import { text } from '../flags.ts'
import { shortName } from '../listing/words.ts'

export const stop: Command = {
  name: 'stop',
  summary: 'Stop a task',
  usage: 'TASK [--cluster default] [--reason TEXT]',
  options: { cluster: { type: 'string' }, reason: { type: 'string' } },
  positionals: [1, 1],
  run: async ({ configuration, flags, positionals, output }) => {
    const reason = text(flags, 'reason')
    const { task } = await talking(configuration, () =>
      ecsClient(configuration).send(
        new StopTaskCommand({
          cluster: text(flags, 'cluster') ?? 'default',
          task: positionals[0] ?? '',
          ...(reason === undefined ? {} : { reason }),
        }),
      ),
    )
    output.show(task, () => output.line(`Told ${shortName(task?.taskArn)} to stop.`))
    return 0
  },
}
