import type { Command, Invocation } from '../command.ts'
import { CommandFailure, UsageError } from '../failures.ts'
import { text } from '../flags.ts'
import type { Output } from '../output.ts'
import { BerthUp, type Summary, summaryOf } from '../up/berth-up.ts'
import { startDetached, type UpMessage } from '../up/detached.ts'
import { readRunState } from '../up/run-state.ts'

const show = (summary: Summary, output: Output): void =>
  output.show(summary, () => {
    output.line('')
    output.line(`  Endpoint  ${summary.endpoint}`)
    output.line(`  Profile   ${summary.profile}: AWS_CONFIG_FILE=${summary.configFile}`)
    output.line(`                   AWS_SHARED_CREDENTIALS_FILE=${summary.credentialsFile}`)
    output.line('  Or        eval "$(./berth env)"')
    if (summary.sampleUrl !== undefined) output.line(`  Sample    ${summary.sampleUrl}`)
    output.line('')
  })

const samplePortOf = ({ flags }: Invocation): number | undefined => {
  if (flags['sample'] !== true) return undefined
  const port = Number(text(flags, 'sample-port') ?? 8080)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UsageError('The sample port must be a number from 1 to 65535.')
  return port
}

/**
 * The first Ctrl-C, SIGTERM or end of the terminal, so that it stops cleanly at any moment, also while starting.
 * Later ones change nothing: the programs are being stopped already.
 */
const interruption = (): Promise<'interrupted'> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve('interrupted'))
  })

/** A terminal that was closed, or a front that went away, takes no words any more; that is no reason to end. */
const ignoreLostReaders = (): void => {
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners('error').on('error', () => {})
}

/** To the `berth up --detach` that started this one. */
const tell = (message: UpMessage): void => {
  if (process.connected) process.send?.(message)
}

const runHere = async (invocation: Invocation): Promise<number> => {
  const { configuration, output } = invocation
  const note = (line: string): void => {
    output.note(output.colour('dim', `· ${line}`))
    tell({ kind: 'note', text: line })
  }
  ignoreLostReaders()
  const interrupted = interruption()
  const up = new BerthUp({ configuration, samplePort: samplePortOf(invocation), note })
  try {
    const summary = await Promise.race([up.start(), interrupted])
    if (summary !== 'interrupted') {
      tell({ kind: 'ready', summary })
      if (!process.connected) show(summary, output)
      await interrupted
    }
    note('Stopping; tasks go on running')
    return 0
  } finally {
    await up.stop()
  }
}

const runOnce = async (invocation: Invocation): Promise<number> => {
  const { configuration, flags, output } = invocation
  const state = readRunState(configuration.dataDir)
  if (configuration.port === 0) throw new UsageError('Give a port from 1 to 65535.')
  if (state !== undefined) {
    if (flags['detach'] !== true)
      throw new CommandFailure(
        `Berth is up already (process ${state.pid}, port ${state.port}). Stop it with \`berth down\`.`,
      )
    show(summaryOf({ ...configuration, port: state.port }, state.sampleUrl), output)
    return 0
  }
  if (flags['detach'] !== true) return runHere(invocation)
  const args = process.argv.slice(2).filter(argument => argument !== '--detach' && argument !== '-d')
  show(await startDetached(configuration, args, line => output.note(`· ${line}`)), output)
  return 0
}

const run = async (invocation: Invocation): Promise<number> => {
  try {
    return await runOnce(invocation)
  } catch (error) {
    tell({ kind: 'failed', message: (error as Error).message })
    throw error
  }
}

export const up: Command = {
  name: 'up',
  summary: 'Start a server and an agent on this machine, with an AWS profile to use',
  usage: '[--detach] [--sample [--sample-port 8080]]',
  options: {
    detach: { type: 'boolean', short: 'd' },
    sample: { type: 'boolean' },
    'sample-port': { type: 'string' },
  },
  positionals: [0, 0],
  run,
}
