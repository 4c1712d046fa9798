import type { Command } from '../command.ts'
import { environmentVariables } from '../profile.ts'

/** As a shell reads it back: a secret that a person chose may hold anything. */
export const shellWord = (value: string): string =>
  /^[\w./:+=@%,-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`

export const env: Command = {
  name: 'env',
  summary: 'Print export lines for AWS clients: eval "$(berth env)"',
  usage: '',
  options: {},
  positionals: [0, 0],
  run: async ({ configuration, output }) => {
    const variables = environmentVariables(configuration)
    output.show(variables, () => {
      for (const [name, value] of Object.entries(variables)) output.line(`export ${name}=${shellWord(value)}`)
    })
    return 0
  },
}
