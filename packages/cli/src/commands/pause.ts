import { type PausedService, PauseServiceCommand, ResumeServiceCommand } from '@berth/client'
import { berthClient, talking } from '../clients.ts'
import type { Command } from '../command.ts'
import { text } from '../flags.ts'

type ChangeCommand = typeof PauseServiceCommand | typeof ResumeServiceCommand

interface Words {
  /** `paused` */
  readonly done: string
  readonly said: (name: string, desiredCount: number) => string
}

/** The services are changed one after the other: those before a refused one stay changed, and are named. */
const change =
  (Change: ChangeCommand, { done, said }: Words): Command['run'] =>
  async ({ configuration, flags, positionals, output }) => {
    const client = berthClient(configuration)
    const changed: PausedService[] = []
    for (const [index, service] of positionals.entries()) {
      const request = { cluster: text(flags, 'cluster') ?? 'default', service }
      try {
        const answer = await talking(configuration, () => client.send(new Change(request)))
        changed.push(answer.service ?? {})
      } catch (error) {
        if (positionals.length > 1) output.note(standing(done, changed, positionals.slice(index + 1)))
        throw error
      }
      const { serviceName = service, desiredCount = 0 } = changed.at(-1) ?? {}
      if (!output.json) output.line(said(serviceName, desiredCount))
    }
    if (output.json) output.show(changed, () => undefined)
    return 0
  }

/** What is the case when one of the services in the middle was refused. */
const standing = (done: string, changed: readonly PausedService[], left: readonly string[]): string => {
  const names = changed.map(({ serviceName = '' }) => serviceName)
  const before =
    names.length === 0
      ? `No service was ${done}`
      : `${names.join(', ')} ${names.length > 1 ? 'were' : 'was'} ${done}`
  return left.length === 0
    ? `${before}.`
    : `${before}; ${left.join(', ')} ${left.length > 1 ? 'were' : 'was'} not tried.`
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
  run: change(PauseServiceCommand, {
    done: 'paused',
    said: (name, count) =>
      `Paused ${name}: its tasks stop. \`berth resume ${name}\` brings it back to ${count} tasks.`,
  }),
}

export const resume: Command = {
  ...shape,
  name: 'resume',
  summary: 'Start the tasks of paused services again',
  run: change(ResumeServiceCommand, {
    done: 'resumed',
    said: (name, count) => `Resumed ${name}: it starts ${count} tasks.`,
  }),
}
