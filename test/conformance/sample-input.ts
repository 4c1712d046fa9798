/** The least input that the model of an operation takes: its required members, with a plausible value each. */
import * as ecs from '@aws-sdk/client-ecs'
import { NormalizedSchema } from '@smithy/core/schema'

type Schema = ReturnType<typeof NormalizedSchema.of>

const schemas = ecs as unknown as Readonly<Record<string, readonly [9, string, string, unknown, never]>>

/** The values of members whose form is checked. */
const texts: Readonly<Record<string, string>> = {
  task: '0'.repeat(32),
  tasks: '0'.repeat(32),
  containerInstance: '0'.repeat(32),
  containerInstances: '0'.repeat(32),
  resourceArn: 'arn:aws:ecs:us-east-1:111122223333:cluster/default',
  taskDefinitions: 'family:1',
  taskDefinition: 'family:1',
  targetType: 'container-instance',
  type: 'container-instance',
  status: 'ACTIVE',
  name: 'containerInsights',
  settings: 'containerInsights',
}

const plausible = (schema: Schema, name: string, text: string): unknown => {
  if (schema.isListSchema()) return [plausible(schema.getValueSchema(), name, text)]
  if (schema.isMapSchema()) return {}
  if (schema.isStructSchema()) return structure(schema, text)
  if (schema.isBooleanSchema()) return true
  if (schema.isNumericSchema()) return 1
  if (schema.isTimestampSchema()) return new Date(0)
  return texts[name] ?? text
}

/** The required members come first in a structure's schema, which tells their number. */
const structure = (schema: Schema, text: string): Record<string, unknown> => {
  const [, , , , names = [], , required = 0] = schema.getSchema() as unknown as [
    number,
    string,
    string,
    unknown,
    string[],
    unknown[],
    number?,
  ]
  const wanted = new Set(names.slice(0, required))
  const members = [...schema.structIterator()].filter(([name]) => wanted.has(name))
  const chosen = schema.isUnionSchema() ? [...schema.structIterator()].slice(0, 1) : members
  return Object.fromEntries(chosen.map(([name, member]) => [name, plausible(member, name, text)]))
}

/** `text`: of the members whose form is not checked. */
export const sampleInput = (operation: string, text = 'x'): object => {
  const schema = schemas[`${operation}$`]
  if (!schema) throw new Error(`The client package has no schema of ${operation}`)
  return structure(NormalizedSchema.of(schema[4]), text)
}
