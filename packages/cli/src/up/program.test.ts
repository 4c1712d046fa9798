import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Program, restartDelay } from './program.ts'

it('is started again after a second, and less and less often when it ends at once every time', () => {
  expect([1, 5, 6, 7, 20].map(restartDelay)).toEqual([1_000, 1_000, 2_000, 4_000, 30_000])
})

it('runs until it is stopped, and writes to its log', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-program-'))
  const logFile = join(folder, 'log')
  const program = new Program({
    name: 'The program',
    command: process.execPath,
    args: ['-e', 'console.log("up"); setInterval(() => {}, 1000)'],
    environment: {},
    logFile,
    stopTimeoutMs: 5_000,
    note: () => {},
  })
  program.start()
  const pid = program.pid ?? 0
  expect(process.kill(pid, 0)).toBe(true)
  await program.stop()
  expect(() => process.kill(pid, 0)).toThrow()
  expect(program.pid).toBeUndefined()
  expect(readFileSync(logFile, 'utf8')).toMatch(/^(up\n)?$/)
  rmSync(folder, { recursive: true })
})
