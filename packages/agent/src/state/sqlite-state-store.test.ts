import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newTask } from '../tasks/task-state.ts'
import { arnOf, payload } from '../tasks/tasks-fixtures.ts'
import { createSqliteStateStore } from './sqlite-state-store.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-state-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const open = () =>
  createSqliteStateStore(directory, error => {
    throw error
  })
const saved = (id: string) => ({
  task: newTask(payload(id), 'i'),
  acknowledged: { status: 'RUNNING' as const, containers: { app: '{}' } },
})

describe('the agent\u2019s memory on disk', () => {
  it('gives back tasks and settings as they were, in the order in which they came', async () => {
    const store = open()
    store.setSetting('incarnation', 'x')
    store.taskChanged(arnOf('b'), () => saved('b'))
    store.taskChanged(arnOf('a'), () => saved('a'))
    await store.flushed()
    const changed = { ...saved('b'), task: { ...saved('b').task, desiredStatus: 'STOPPED' as const } }
    store.taskChanged(arnOf('b'), () => changed)
    await store.flushed()
    store.close()
    const again = open()
    expect(again.setting('incarnation')).toBe('x')
    expect(again.tasks()).toEqual([changed, saved('a')])
    again.close()
  })

  it('forgets a task that is gone when its group is written', async () => {
    const store = open()
    store.taskChanged(arnOf('a'), () => saved('a'))
    await store.flushed()
    store.taskChanged(arnOf('a'), () => undefined)
    await store.flushed()
    expect(store.tasks()).toEqual([])
    store.close()
  })

  it('is readable by its owner alone, because payloads hold secrets', () => {
    const store = open()
    expect(statSync(join(directory, 'agent.db')).mode & 0o077).toBe(0)
    store.close()
  })

  it('refuses what a newer release wrote', () => {
    open().close()
    const database = new DatabaseSync(join(directory, 'agent.db'))
    database.exec('PRAGMA user_version=99')
    database.close()
    expect(open).toThrow(/newer release/)
  })
})
