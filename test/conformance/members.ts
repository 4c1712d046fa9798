/** What there is to cover: the members and errors of every ECS operation, from the published client package. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as ecs from '@aws-sdk/client-ecs'
import { NormalizedSchema } from '@smithy/core/schema'

export interface OperationMembers {
  /** `tags[].key`: members that hold no structure themselves. */
  readonly input: readonly string[]
  readonly output: readonly string[]
  /** Exceptions that are the caller's fault. */
  readonly errors: readonly string[]
}

export const operationNames: readonly string[] = Object.keys(ecs)
  .filter(name => name.endsWith('Command') && name !== '$Command')
  .map(name => name.slice(0, -'Command'.length))
  .sort()

type Schema = ReturnType<typeof NormalizedSchema.of>

function* leavesOf(schema: Schema, path: string, above: readonly string[]): Iterable<string> {
  if (schema.isListSchema()) yield* leavesOf(schema.getValueSchema(), `${path}[]`, above)
  else if (!schema.isStructSchema()) yield path
  else if (!above.includes(schema.getName() ?? '')) {
    const inside = [...above, schema.getName() ?? '']
    for (const [name, member] of schema.structIterator())
      yield* leavesOf(member, path ? `${path}.${name}` : name, inside)
  }
}

const schemas = ecs as unknown as Readonly<
  Record<string, readonly [9, string, string, unknown, never, never]>
>

const commandTypes = join(
  dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-ecs/package.json')),
  'dist-types/commands',
)

/** The runtime schemas do not say which errors an operation has: the type declarations do. */
const errorsOf = (operation: string): readonly string[] => {
  const text = readFileSync(join(commandTypes, `${operation}Command.d.ts`), 'utf8')
  return [...text.matchAll(/@throws \{@link (\w+)\} \(client fault\)/g)].map(match => match[1] ?? '')
}

export const membersOf = (operation: string): OperationMembers => {
  const schema = schemas[`${operation}$`]
  if (!schema) throw new Error(`The client package has no schema of ${operation}`)
  const leaves = (side: never) => [...leavesOf(NormalizedSchema.of(side), '', [])]
  return { input: leaves(schema[4]), output: leaves(schema[5]), errors: errorsOf(operation) }
}
