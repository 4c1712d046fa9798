/** Notes what tests send, read and provoke; one file of records for each test file. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ECSClient } from '@aws-sdk/client-ecs'

export const recordsFolder = join(import.meta.dirname, '../../node_modules/.cache/conformance')

interface Notes {
  readonly input: Set<string>
  readonly output: Set<string>
  readonly errors: Set<string>
}

export type Records = Readonly<Record<string, Readonly<Record<keyof Notes, readonly string[]>>>>

/** Refused for what the release does not have, or before anybody looked at what the members say. */
const provesNothing = new Set([
  'SerializationException',
  'UnsupportedFeatureException',
  'AccessDeniedException',
])

export class Recorder {
  readonly #notes = new Map<string, Notes>()

  /** Records every call of this client from now on. */
  attach(client: ECSClient): void {
    client.middlewareStack.add(
      (next, context) => async args => {
        const notes = this.#of(context.commandName ?? '')
        try {
          const result = await next(args)
          noteValue(notes.input, '', args.input)
          return { ...result, output: watched(notes.output, '', result.output) as typeof result.output }
        } catch (error) {
          if (!(error instanceof Error)) throw error
          notes.errors.add(error.name)
          if (!provesNothing.has(error.name)) noteValue(notes.input, '', args.input)
          throw error
        }
      },
      { step: 'initialize', priority: 'high', name: 'recordCoverage' },
    )
  }

  /** `testFile` is a path; its name names the records. */
  save(testFile: string): void {
    mkdirSync(recordsFolder, { recursive: true })
    const records = Object.fromEntries(
      [...this.#notes].map(([operation, notes]) => [
        operation,
        { input: [...notes.input], output: [...notes.output], errors: [...notes.errors] },
      ]),
    )
    const name = testFile.slice(testFile.lastIndexOf('/') + 1)
    writeFileSync(join(recordsFolder, `${name}.json`), JSON.stringify(records))
  }

  #of(commandName: string): Notes {
    const operation = commandName.replace(/Command$/, '')
    const notes = this.#notes.get(operation) ?? { input: new Set(), output: new Set(), errors: new Set() }
    this.#notes.set(operation, notes)
    return notes
  }
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)

const pathOf = (path: string, parent: object, key: string): string =>
  Array.isArray(parent) ? `${path}[]` : path ? `${path}.${key}` : key

/** Notes every member that has a value. */
const noteValue = (paths: Set<string>, path: string, value: unknown): void => {
  if (value === undefined) return
  if (path) paths.add(path)
  if (isPlain(value))
    for (const [key, member] of Object.entries(value)) noteValue(paths, pathOf(path, value, key), member)
}

/** The same value, noting each member that is read and is there. */
const watched = (paths: Set<string>, path: string, value: unknown): unknown => {
  if (!isPlain(value)) return value
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const member: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol' || !Object.hasOwn(target, key) || member === undefined) return member
      if (Array.isArray(target) && key === 'length') return member
      const inside = pathOf(path, target, key)
      paths.add(inside)
      return watched(paths, inside, member)
    },
  })
}
