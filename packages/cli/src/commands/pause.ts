import { PauseServiceCommand, ResumeServiceCommand } from '@berth/client'
import { berthClient, talking } from '../clients.ts'
import type { Command } from '../command.ts'
import { text } from '../flags.ts'

type ChangeCommand = typeof PauseServiceCommand | typeof ResumeServiceCommand

/** The services are changed one after the other: those before a refused one stay changed. */
const change =
  (Change: ChangeCommand, said: (name: string, desiredCount: number) => string): Command['run'] =>
  async ({ configuration, flags, positionals, output }) => {
    const client = berthClient(configuration)
    const changed: object[] = []
    for (const service of positionals) {
      const request = { cluster: text(flags, 'cluster') ?? 'default', service }
      const answer = await talking(configuration, () => client.send(new Change(request)))
      const { serviceName = service, desiredCount = 0 } = answer.service ?? {}
      changed.push(answer.service ?? {})
      if (!output.json) output.line(said(serviceName, desiredCount))
    }
    if (output.json) output.show(changed, () => undefined)
    return 0
  }

const shape = {
  usage: 'SERVICE … [--cluster default]',
  options: { cluster: { type: 'string' } },
  positionals: [1, 100],
} as const

export const pause: Command = {
  ...shape,
  name: 'pause',
  summary: 'Stop the tasks of services, which keep their desired count',
  run: change(
    PauseServiceCommand,
    (name, count) =>
      `Paused ${name}: its tasks stop. \`berth resume ${name}\` brings it back to ${count} tasks.`,
  ),
}

export const resume: Command = {
  ...shape,
  name: 'resume',
  summary: 'Start the tasks of paused services again',
  run: change(ResumeServiceCommand, (name, count) => `Resumed ${name}: it starts ${count} tasks.`),
}
