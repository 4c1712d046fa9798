/** `npm run coverage`: writes docs/coverage.md and the baseline, from the records of a whole run. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  baselinePath,
  filesWithoutRecords,
  lostMembers,
  readBaseline,
  readCoverage,
  toBaseline,
} from './coverage.ts'
import { toMarkdown } from './markdown.ts'
import { unsupportedNames } from './unsupported-names.ts'

const missing = filesWithoutRecords()
if (missing.length > 0)
  throw new Error(`Run all conformance tests first: no records of ${missing.join(', ')}`)
const coverage = readCoverage()
const lost = lostMembers(readBaseline(), coverage)
if (lost.length > 0 && !process.argv.includes('--accept-loss'))
  throw new Error(`The coverage has fallen:\n${lost.join('\n')}`)
writeFileSync(baselinePath, `${JSON.stringify(toBaseline(coverage), null, 1)}\n`)
writeFileSync(join(import.meta.dirname, '../../docs/coverage.md'), toMarkdown(coverage, unsupportedNames()))
