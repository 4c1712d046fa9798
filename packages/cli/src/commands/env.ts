import type { Command } from '../command.ts'
import { environmentVariables } from '../profile.ts'

export const env: Command = {
  name: 'env',
  summary: 'Print export lines for AWS clients: eval "$(berth env)"',
  usage: '',
  options: {},
  positionals: [0, 0],
  run: async ({ configuration, output }) => {
    const variables = environmentVariables(configuration)
    output.show(variables, () => {
      for (const [name, value] of Object.entries(variables)) output.line(`export ${name}=${value}`)
    })
    return 0
  },
}
