/** `npm run fields`: writes docs/task-definition.md. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toMarkdown } from './table.ts'

writeFileSync(join(import.meta.dirname, '../../../docs/task-definition.md'), toMarkdown())
