import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createStore } from '../../store/journaled-store.ts'
import { events, tasks, testTableModules } from '../../store/test-tables.ts'
import { createSqliteJournal } from './sqlite-journal.ts'

const ROUNDS = 12
const SEED = Number(process.env['BERTH_KILL_SEED'] ?? 20_261_120)
const CHILD = fileURLToPath(new URL('./kill-writer.ts', import.meta.url))

/** Mulberry32: the same seed kills after the same numbers of acknowledgements. */
const randomOf = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Runs the child until it has acknowledged so many commits, kills it, and gives the last one that it acknowledged. */
const runUntilKilled = async (directory: string, acknowledgements: number): Promise<number> => {
  const child = spawn(process.execPath, [CHILD, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let output = ''
  let killed = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (killed || output.split('\n').length <= acknowledgements) return
    killed = child.kill('SIGKILL')
  })
  await closed
  expect(killed, 'the child ended by itself').toBe(true)
  return Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1))
}

it(`loses no acknowledged write and keeps no half of a commit when killed (seed ${SEED})`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-kill-'))
  const random = randomOf(SEED)
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await runUntilKilled(directory, 1 + Math.floor(random() ** 2 * 2000))
      const store = createStore({
        tables: [tasks],
        histories: [events],
        journal: createSqliteJournal({ directory, tableModules: testTableModules }),
      })
      await store.load()
      const { sequence } = store
      expect(sequence, `round ${round}`).toBeGreaterThanOrEqual(acknowledged)
      const shared = [0, 1, 2].map(n => store.get(tasks, `shared${n}`)?.cpu)
      expect(shared).toEqual([sequence, sequence, sequence])
      const own = [...store.all(tasks)].filter(({ id }) => id.startsWith('own')).map(({ cpu }) => cpu)
      const newest = Array.from({ length: Math.min(sequence, 200) }, (_, n) => sequence - n)
      expect(own.sort((a, b) => b - a)).toEqual(newest)
      const { records } = await store.history.read(events, 's')
      expect(records.map(({ message }) => Number(message))).toEqual(newest.slice(0, 5))
      await store.close()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}, 60_000)
