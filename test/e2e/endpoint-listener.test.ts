import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

it('the endpoints have their address and rule as long as an agent needs them, and get them back when they are taken', async () => {
  const program = join(import.meta.dirname, 'programs/two-listeners.ts')
  const script = `ip link set lo up && exec "${process.execPath}" "${program}"`
  const { stdout } = await run('unshare', ['--net', 'sh', '-c', script])
  expect(JSON.parse(stdout)).toEqual({
    origins: ['http://169.254.170.2', 'http://169.254.170.2:51680'],
    answers: ['first', 'second'],
    afterReload: 'nobody',
    repaired: 'first',
    oneStopped: { tables: '', hasAddress: true, answers: ['nobody', 'second'] },
    bothStopped: { tables: '', hasAddress: false },
  })
})
