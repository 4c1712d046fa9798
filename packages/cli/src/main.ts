import { parseArgs } from 'node:util'
import type { Command } from './command.ts'
import { commands } from './commands/index.ts'
import { configurationOptions, resolveConfiguration } from './configuration.ts'
import { CommandFailure, isFaultOfTheWorld, UsageError } from './failures.ts'
import type { Flags } from './flags.ts'
import { createOutput, formatTable } from './output.ts'

const generalUsage = (): string =>
  [
    'Usage: berth COMMAND [options]',
    '',
    ...formatTable(
      ['Command', ''],
      commands.map(({ name, summary }) => [`  ${name}`, summary]),
    ).slice(1),
    '',
    'Options of every command: --json, --help, --config FILE, --port N, --data-dir DIR, --account-id ID, --region R,',
    '  --root-access-key-id ID, --root-secret-access-key SECRET',
  ].join('\n')

const usageOf = (command: Command): string => `Usage: berth ${command.name} ${command.usage}`.trimEnd()

const parse = (command: Command, args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...configurationOptions,
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        ...command.options,
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const runCommand = async (command: Command, args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(command, args)
  const flags = values as Flags
  if (flags['help'] === true) {
    process.stdout.write(`${usageOf(command)}\n\n${command.summary}\n`)
    return 0
  }
  const [least, most] = command.positionals
  if (positionals.length < least || positionals.length > most)
    throw new UsageError('Wrong number of arguments.')
  return await command.run({
    flags,
    positionals,
    configuration: resolveConfiguration(flags, process.env),
    output: createOutput(flags['json'] === true),
  })
}

const main = async (args: readonly string[]): Promise<number> => {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(`${generalUsage()}\n`)
    return name === undefined ? 2 : 0
  }
  const command = commands.find(candidate => candidate.name === name)
  if (command === undefined) {
    process.stderr.write(`berth: there is no command ${name}\n\n${generalUsage()}\n`)
    return 2
  }
  try {
    return await runCommand(command, rest)
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`berth ${name}: ${error.message}\n${usageOf(command)}\n`)
      return 2
    }
    if (error instanceof CommandFailure || isFaultOfTheWorld(error)) {
      process.stderr.write(`berth ${name}: ${error.message}\n`)
      return 1
    }
    throw error
  }
}

// Whoever reads has read enough: `berth ps | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.exitCode = await main(process.argv.slice(2))
