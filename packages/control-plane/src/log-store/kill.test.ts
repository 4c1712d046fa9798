import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openSegmentStore, readAll } from './test-stores.ts'

const writer = fileURLToPath(new URL('./kill-writer.ts', import.meta.url))

test('kill -9 at any moment loses no acknowledged event and doubles none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'berth-log-kill-'))
  const acknowledged = new Set<number>()
  for (let life = 0; life < 3; life++) {
    // Where the last life may have been cut: offsets of every lane go on behind all of them.
    const first = 4 * Math.ceil((Math.max(0, ...acknowledged) + 100) / 4)
    const child = spawn(process.execPath, [writer, directory, String(first)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    const killAfter = 80 + life * 97
    let seen = 0
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.add(Number(line))
      if (++seen === killAfter) child.kill('SIGKILL')
    }
    expect(await exited).toEqual([null, 'SIGKILL'])
    const store = await openSegmentStore(directory, { segmentBytes: 30_000 })
    const found = (await readAll(store)).map(event => event.timestamp)
    expect(new Set(found).size).toBe(found.length)
    expect([...acknowledged].filter(offset => !found.includes(offset))).toEqual([])
    await store.close()
  }
  expect(acknowledged.size).toBeGreaterThan(300)
  await rm(directory, { recursive: true })
})
