import type { Command } from '../command.ts'
import { configurationEnvironment } from '../configuration.ts'
import { runInForeground } from '../foreground.ts'
import { maintenanceCommandLine } from '../up/programs.ts'

const maintain = (action: 'backup' | 'restore', summary: string): Command => ({
  name: action,
  summary,
  usage: 'FILE',
  options: {},
  positionals: [1, 1],
  run: ({ configuration, positionals }) =>
    runInForeground(
      [...maintenanceCommandLine(), action, ...positionals],
      configurationEnvironment(configuration),
    ),
})

export const backup = maintain(
  'backup',
  'Copy the data directory’s database to a file, also while the server runs',
)
export const restore = maintain('restore', 'Make a data directory from a backup, as another incarnation')
