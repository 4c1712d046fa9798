import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandFailure } from '../failures.ts'
import { clearRunState, holdDataDir, makeDirectories, readRunState, writeRunState } from './run-state.ts'

describe('a data directory', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'berth-run-state-'))
    makeDirectories(dataDir)
  })
  afterEach(() => rmSync(dataDir, { recursive: true }))

  it('is held by one `berth up` at a time', () => {
    const release = holdDataDir(dataDir)
    expect(() => holdDataDir(dataDir)).toThrow(CommandFailure)
    release()
    holdDataDir(dataDir)()
  })

  it('does not take a process for `berth up` that only has its old number', () => {
    writeRunState(dataDir, { pid: process.pid, port: 1 })
    expect(readRunState(dataDir)).toBeUndefined()
    clearRunState(dataDir)
    expect(readRunState(dataDir)).toBeUndefined()
  })
})
