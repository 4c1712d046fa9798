import * as client from '@aws-sdk/client-ecs'
import { NormalizedSchema } from '@smithy/core/schema'
import { expect, test } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { operationNames } from './members.ts'
import { sampleInput } from './sample-input.ts'

const berth = useBerth()

type Schema = ReturnType<typeof NormalizedSchema.of>
type Path = readonly string[]

/** The members that AWS's model has as doubles; a list's elements are `[]`. */
const doubles =
  /(doubleValue|canaryPercent|stepPercent|drainPercent|targetValue|scale\.value|(memoryGiBPerVCpu|networkBandwidthGbps|totalLocalStorageGB)\.(min|max))$/

function* numbersOf(schema: Schema, path: Path, above: readonly string[]): Iterable<Path> {
  const name = schema.getName() ?? ''
  if (schema.isListSchema()) yield* numbersOf(schema.getValueSchema(), [...path, '[]'], above)
  else if (schema.isNumericSchema()) yield path
  else if (schema.isStructSchema() && !above.includes(name))
    for (const [member, inside] of schema.structIterator())
      yield* numbersOf(inside, [...path, member], [...above, name])
}

const withNumber = ([first = '', ...rest]: Path, value: number): unknown => {
  const inside = rest.length > 0 ? withNumber(rest, value) : value
  return first === '[]' ? [inside] : { [first]: inside }
}

const inputOf = (operation: string): Schema =>
  NormalizedSchema.of((client as unknown as Record<string, readonly never[]>)[`${operation}$`]![4]!)

type CommandClass = new (input: object) => Parameters<typeof berth.ecs.send>[0]
const answerTo = (operation: string, path: Path, value: number): Promise<readonly [string, string]> => {
  const Command = (client as unknown as Record<string, CommandClass>)[`${operation}Command`]!
  const input = { ...sampleInput(operation), ...(withNumber(path, value) as object) }
  return refusal(berth.ecs.send(new Command(input)).then(() => Promise.reject(new Error('accepted'))))
}

const cases = operationNames
  .map(operation => ({ operation, paths: [...numbersOf(inputOf(operation), [], [])] }))
  .filter(({ paths }) => paths.length > 0)

test.each(cases)('$operation takes no fraction for an integer', async ({ operation, paths }) => {
  for (const path of paths.filter(path => !doubles.test(path.join('.')))) {
    const [name, message] = await answerTo(operation, path, 1.5)
    expect([path.join('.'), name]).toEqual([path.join('.'), 'SerializationException'])
    expect(message).toMatch(/NUMBER_VALUE can not be converted to (an Integer|a Long)/)
  }
  for (const path of paths.filter(path => doubles.test(path.join('.'))))
    expect([path.join('.'), (await answerTo(operation, path, 1.5))[0]]).not.toContain(
      'SerializationException',
    )
})
