import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command } from '../command.ts'
import { profileName, profileSections, writeProfile } from '../profile.ts'

/** The file with this section in place of one of the same header; all other lines as they were. */
export const withSection = (content: string, section: string): string => {
  const header = section.slice(0, section.indexOf('\n'))
  const kept: string[] = []
  let inside = false
  for (const line of content.split('\n')) {
    if (line.startsWith('[')) inside = line.trim() === header
    if (!inside) kept.push(line)
  }
  const rest = kept.join('\n').trimEnd()
  return rest === '' ? section : `${rest}\n\n${section}`
}

const install = (file: string, section: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Replaced as a whole: a crash leaves the old file or the new one. A link goes on pointing where it points.
  const target = existsSync(file) ? realpathSync(file) : file
  const fresh = `${target}.berth-new`
  rmSync(fresh, { force: true })
  writeFileSync(fresh, withSection(existsSync(file) ? readFileSync(file, 'utf8') : '', section), {
    mode: 0o600,
  })
  renameSync(fresh, target)
}

export const profile: Command = {
  name: 'profile',
  summary: "Write an AWS profile of Berth's own; --install adds it to ~/.aws",
  usage: '[--install]',
  options: { install: { type: 'boolean' } },
  positionals: [0, 0],
  run: async ({ configuration, flags, output }) => {
    if (flags['install'] !== true) {
      const files = writeProfile(configuration)
      output.show({ profile: profileName, ...files }, () => {
        output.line(`export AWS_CONFIG_FILE=${files.configFile}`)
        output.line(`export AWS_SHARED_CREDENTIALS_FILE=${files.credentialsFile}`)
        output.line(`export AWS_PROFILE=${profileName}`)
      })
      return 0
    }
    const { config, credentials } = profileSections(configuration)
    const folder = join(homedir(), '.aws')
    install(join(folder, 'config'), config)
    install(join(folder, 'credentials'), credentials)
    output.show({ profile: profileName, folder }, () =>
      output.line(`Added the profile ${profileName} to ${folder}: use it with --profile ${profileName}.`),
    )
    return 0
  },
}
