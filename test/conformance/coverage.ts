/** Merges the records of all test files, and sets them against what there is to cover. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { absenceOf, isNeverCounted } from './exempt.ts'
import { membersOf, type OperationMembers, operationNames } from './members.ts'
import { type Records, recordsFolder } from './recorder.ts'

export interface OperationCoverage {
  readonly covered: OperationMembers
  readonly missing: OperationMembers
  /** By design of this release; whether tests mention them or not. */
  readonly absent: OperationMembers
}

/** By operation. */
export type Coverage = Readonly<Record<string, OperationCoverage>>

/** What was covered when the baseline was written; by operation. */
export type Baseline = Readonly<Record<string, OperationMembers>>

const sides = ['input', 'output', 'errors'] as const

/** Those that call ECS through the harness, which records: others are of other services. */
const testFiles = (): string[] =>
  readdirSync(import.meta.dirname)
    .filter(file => file.endsWith('.test.ts'))
    .filter(file => readFileSync(join(import.meta.dirname, file), 'utf8').includes('useBerth('))

/** The test files that have not been run since their records were last deleted. */
export const filesWithoutRecords = (): string[] =>
  testFiles().filter(file => !existsSync(join(recordsFolder, `${file}.json`)))

const readRecords = (): Records[] =>
  testFiles()
    .map(file => join(recordsFolder, `${file}.json`))
    .filter(path => existsSync(path))
    .map(path => JSON.parse(readFileSync(path, 'utf8')) as Records)

/** A record of something inside a member (a key of a map, an element of a list of texts) is one of the member. */
const isCovered = (member: string, records: ReadonlySet<string>): boolean =>
  records.has(member) || [...records].some(record => record.startsWith(`${member}.`))

const stateOf = (
  operation: string,
  member: string,
  records: ReadonlySet<string>,
): keyof OperationCoverage | undefined => {
  const isRecorded = isCovered(member, records)
  if (!isRecorded && isNeverCounted(operation, member)) return undefined
  if (absenceOf(operation, member)) return 'absent'
  return isRecorded ? 'covered' : 'missing'
}

export const readCoverage = (): Coverage => {
  const all = readRecords()
  return Object.fromEntries(
    operationNames.map(operation => {
      const members = membersOf(operation)
      const select = (state: keyof OperationCoverage): OperationMembers => {
        const pick = (side: (typeof sides)[number]): string[] => {
          const records = new Set(all.flatMap(file => file[operation]?.[side] ?? []))
          return members[side].filter(member => stateOf(operation, member, records) === state)
        }
        return { input: pick('input'), output: pick('output'), errors: pick('errors') }
      }
      return [operation, { covered: select('covered'), missing: select('missing'), absent: select('absent') }]
    }),
  )
}

export const baselinePath = join(import.meta.dirname, 'baseline.json')

export const readBaseline = (): Baseline =>
  existsSync(baselinePath) ? (JSON.parse(readFileSync(baselinePath, 'utf8')) as Baseline) : {}

/** What the baseline has and the coverage has no longer, for whatever reason: `RunTask output tasks[].group`. */
export const lostMembers = (baseline: Baseline, coverage: Coverage): string[] =>
  Object.entries(baseline).flatMap(([operation, covered]) =>
    sides.flatMap(side =>
      covered[side]
        .filter(member => !coverage[operation]?.covered[side].includes(member))
        .map(member => `${operation} ${side} ${member}`),
    ),
  )

export const toBaseline = (coverage: Coverage): Baseline =>
  Object.fromEntries(
    Object.entries(coverage)
      .filter(([, { covered }]) => sides.some(side => covered[side].length > 0))
      .map(([operation, { covered }]) => [operation, covered]),
  )
