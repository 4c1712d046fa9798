import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Sums {
  passed: number
  failed: number
  skipped: number
}

/** A check is one test; vitest tells how many it ran. */
interface Runner {
  readonly name: string
  readonly command: readonly string[]
  readonly kind: 'check' | 'vitest' | 'simulation'
}

const runners: readonly Runner[] = [
  { name: 'types', command: ['tsc'], kind: 'check' },
  { name: 'lint and import boundaries', command: ['biome', 'check', '.'], kind: 'check' },
  { name: 'unused code', command: ['knip'], kind: 'check' },
  { name: 'unit tests', command: ['vitest', 'run', '--project', 'unit', '--project', 'sim'], kind: 'vitest' },
  { name: 'conformance tests', command: ['vitest', 'run', '--project', 'conformance'], kind: 'vitest' },
  {
    name: 'simulation',
    command: ['node', 'packages/control-plane/sim/main.ts', '--short'],
    kind: 'simulation',
  },
  { name: 'end-to-end tests', command: ['vitest', 'run', '--project', 'e2e'], kind: 'vitest' },
]

const reports = mkdtempSync(join(tmpdir(), 'berth-tests-'))

/** Vitest's own JSON report; a run that left none, or that failed without a failed test, counts as one failure. */
const vitestSums = (report: string, exitCode: number): Sums => {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as Record<string, number>
  const failed = numFailedTests ?? 0
  return {
    passed: numPassedTests ?? 0,
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0),
  }
}

const run = ({ name, command, kind }: Runner): Sums => {
  console.log(`\n== ${name}: ${command.join(' ')}`)
  const report = join(reports, `${name.replaceAll(' ', '-')}.json`)
  const [program = '', ...args] = command
  const reporters =
    kind === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []
  const started = performance.now()
  const { status } = spawnSync(program, [...args, ...reporters], { stdio: 'inherit' })
  const exitCode = status ?? 1
  console.log(
    `== ${name}: ${exitCode === 0 ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - started) / 1_000)} s`,
  )
  if (kind === 'vitest') return vitestSums(report, exitCode)
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

const total: Sums = { passed: 0, failed: 0, skipped: 0 }
for (const runner of runners) {
  const sums = run(runner)
  total.passed += sums.passed
  total.failed += sums.failed
  total.skipped += sums.skipped
}
rmSync(reports, { recursive: true })
console.log(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
)
process.exitCode = total.failed > 0 ? 1 : 0
