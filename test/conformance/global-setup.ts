/** After a whole run, the coverage must not have fallen below the baseline. */
import { filesWithoutRecords, lostMembers, readBaseline, readCoverage } from './coverage.ts'

export const teardown = (): void => {
  if (filesWithoutRecords().length > 0) return
  const lost = lostMembers(readBaseline(), readCoverage())
  if (lost.length === 0) return
  console.error(
    `The coverage of the ECS API has fallen below test/conformance/baseline.json:\n${lost.join('\n')}`,
  )
  process.exitCode = 1
}
