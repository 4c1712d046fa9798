/**
 * The agent's memory in one SQLite file. WAL with synchronous=NORMAL: what a killed agent wrote is kept, and only a
 * power cut can lose the last moments. Then every container has died as well, the control plane sends its tasks again,
 * and the containers' remains tell the exit codes; so no fsync stands between a payload and its containers.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { FactsByTopic, FactTopic } from '@berth/model'
import type { FactsChange } from '../facts/index.ts'
import type { PulledImage } from '../images/index.ts'
import type { HeldInterface } from '../network/index.ts'
import type { Reported } from '../tasks/task-report.ts'
import type { TaskState } from '../tasks/task-state.ts'
import type { SavedTask, StateStore } from './state-store.ts'

const schemaVersion = 1
/** Changes of a burst gather this long, and are written as one transaction. */
const groupMs = 3

const open = (directory: string): DatabaseSync => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, 'agent.db')
  const database = new DatabaseSync(file)
  // Payloads hold the environment of containers, and with it secrets.
  chmodSync(file, 0o600)
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000')
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
  if (version > schemaVersion) {
    database.close()
    throw new Error(`${file} was written by a newer release of Berth (schema ${version}); use that release`)
  }
  database.exec(`
    CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS tasks (
      id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, payload TEXT NOT NULL, state TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS pulled_images (
      image TEXT NOT NULL, imageId TEXT NOT NULL, isOurs INTEGER NOT NULL, pulledAt INTEGER NOT NULL,
      usedAt INTEGER NOT NULL, PRIMARY KEY (image, imageId)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS facts (
      topic TEXT NOT NULL, key TEXT NOT NULL, fact TEXT NOT NULL, PRIMARY KEY (topic, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS held_interfaces (id TEXT PRIMARY KEY, held TEXT NOT NULL) WITHOUT ROWID;
    PRAGMA user_version=${schemaVersion};`)
  return database
}

class SqliteStateStore implements StateStore {
  readonly #database: DatabaseSync
  readonly #onFailure: (error: unknown) => void
  readonly #changed = new Map<string, () => SavedTask | undefined>()
  /** Tasks whose payload, which never changes, is in the file. */
  readonly #stored = new Set<string>()
  #group: { done: Promise<void>; write: () => void } | undefined

  constructor(directory: string, onFailure: (error: unknown) => void) {
    this.#database = open(directory)
    this.#onFailure = onFailure
  }

  tasks(): readonly SavedTask[] {
    const rows = this.#database.prepare('SELECT arn, payload, state FROM tasks ORDER BY id').all()
    return rows.map(row => {
      this.#stored.add(String(row['arn']))
      const { acknowledged, ...state } = JSON.parse(String(row['state'])) as { acknowledged: Reported }
      const payload: unknown = JSON.parse(String(row['payload']))
      return { task: { ...state, payload } as unknown as TaskState, acknowledged }
    })
  }

  setting(name: string): string | undefined {
    const row = this.#database.prepare('SELECT value FROM settings WHERE name = ?').get(name)
    return row === undefined ? undefined : String(row['value'])
  }

  setSetting(name: string, value: string): void {
    this.#database
      .prepare('INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
      .run(name, value)
  }

  pulledImages(): readonly PulledImage[] {
    return this.#database
      .prepare('SELECT * FROM pulled_images')
      .all()
      .map(row => ({
        image: String(row['image']),
        imageId: String(row['imageId']),
        isOurs: row['isOurs'] === 1,
        pulledAt: Number(row['pulledAt']),
        usedAt: Number(row['usedAt']),
      }))
  }

  savePulledImage({ image, imageId, isOurs, pulledAt, usedAt }: PulledImage): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO pulled_images VALUES (?, ?, ?, ?, ?)')
      .run(image, imageId, isOurs ? 1 : 0, pulledAt, usedAt)
  }

  forgetPulledImage({ image, imageId }: PulledImage): void {
    this.#database.prepare('DELETE FROM pulled_images WHERE image = ? AND imageId = ?').run(image, imageId)
  }

  facts(topic: FactTopic): readonly FactsByTopic[FactTopic][] {
    const rows = this.#database.prepare('SELECT fact FROM facts WHERE topic = ?').all(topic)
    return rows.map(row => JSON.parse(String(row['fact'])) as FactsByTopic[FactTopic])
  }

  changeFacts(topic: FactTopic, { changed, gone }: FactsChange<FactTopic>): void {
    const put = this.#database.prepare('INSERT OR REPLACE INTO facts VALUES (?, ?, ?)')
    const remove = this.#database.prepare('DELETE FROM facts WHERE topic = ? AND key = ?')
    try {
      this.#transaction(() => {
        for (const { key } of gone) remove.run(topic, key)
        for (const fact of changed) put.run(topic, fact.key, JSON.stringify(fact))
      })
    } catch (error) {
      this.#onFailure(error)
      throw error
    }
  }

  heldInterfaces(): readonly HeldInterface[] {
    const rows = this.#database.prepare('SELECT held FROM held_interfaces').all()
    return rows.map(row => JSON.parse(String(row['held'])) as HeldInterface)
  }

  holdInterface(held: HeldInterface): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO held_interfaces VALUES (?, ?)')
      .run(held.fact.interfaceId, JSON.stringify(held))
  }

  releaseInterface(interfaceId: string): void {
    this.#database.prepare('DELETE FROM held_interfaces WHERE id = ?').run(interfaceId)
  }

  taskChanged(arn: string, read: () => SavedTask | undefined): void {
    this.#changed.set(arn, read)
    this.#group ??= this.#schedule()
  }

  flushed(): Promise<void> {
    return this.#group?.done ?? Promise.resolve()
  }

  close(): void {
    this.#group?.write()
    this.#database.close()
  }

  #schedule() {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const write = (): void => {
      clearTimeout(timer)
      this.#group = undefined
      try {
        this.#write()
        resolve()
      } catch (error) {
        this.#onFailure(error)
        reject(error)
      }
    }
    const timer = setTimeout(write, groupMs)
    // Nobody may be waiting; onFailure has the error in any case.
    promise.catch(() => {})
    return { done: promise, write }
  }

  #write(): void {
    const insert = this.#database.prepare(
      'INSERT INTO tasks (arn, payload, state) VALUES (?, ?, ?) ON CONFLICT (arn) DO UPDATE SET payload = excluded.payload, state = excluded.state',
    )
    const update = this.#database.prepare('UPDATE tasks SET state = ? WHERE arn = ?')
    const remove = this.#database.prepare('DELETE FROM tasks WHERE arn = ?')
    this.#transaction(() => {
      for (const [arn, read] of this.#changed) {
        const saved = read()
        if (!saved) {
          remove.run(arn)
          this.#stored.delete(arn)
          continue
        }
        const { payload, ...state } = saved.task
        const text = JSON.stringify({ ...state, acknowledged: saved.acknowledged })
        if (this.#stored.has(arn)) update.run(text, arn)
        else insert.run(arn, JSON.stringify(payload), text)
        this.#stored.add(arn)
      }
    })
    this.#changed.clear()
  }

  #transaction(run: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      run()
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

/** `onFailure` gets what the disk refused: the agent must not go on as if it remembered. */
export const createSqliteStateStore = (directory: string, onFailure: (error: unknown) => void): StateStore =>
  new SqliteStateStore(directory, onFailure)
