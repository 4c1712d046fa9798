/**
 * Cgroups as systemd's slices, for an engine whose cgroup driver is systemd: `ecstasks-TASK.slice`, as the official
 * agent's. systemd is asked with systemctl; its properties are of this boot only (`--runtime`).
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sliceProperties } from './cgroup-limits.ts'
import { CgroupError, type Cgroups } from './cgroups.ts'

/** Resolves when systemctl has done it; rejects with what it says. */
export type Systemctl = (...words: string[]) => Promise<void>

const run = promisify(execFile)
const patienceMs = 10_000

export const systemctl: Systemctl = async (...words) => {
  await run('systemctl', words, { timeout: patienceMs })
}

const sliceOf = (taskId: string): string => `ecstasks-${taskId}.slice`

export const createCgroupSlices = (ask: Systemctl): Cgroups => ({
  parentOf: sliceOf,
  create: async (taskId, limits) => {
    try {
      await ask('set-property', '--runtime', sliceOf(taskId), ...sliceProperties(limits))
      await ask('start', sliceOf(taskId))
    } catch (error) {
      throw new CgroupError(error instanceof Error ? error.message : String(error))
    }
  },
  remove: async taskId => {
    for (const verb of ['stop', 'revert'])
      await ask(verb, sliceOf(taskId)).catch(error => {
        if (!/not loaded|not found/.test(String(error))) throw error
      })
  },
})
