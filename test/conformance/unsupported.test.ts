import * as client from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { sampleInput } from './sample-input.ts'
import { unsupportedNames } from './unsupported-names.ts'

const berth = useBerth()

type CommandClass = new (input: object) => Parameters<typeof berth.ecs.send>[0]
const commandOf = (operation: string) =>
  (client as unknown as Record<string, CommandClass>)[`${operation}Command`]!

test.each([...unsupportedNames()])('%s says that it is not supported', async operation => {
  const Command = commandOf(operation)
  expect(await refusal(berth.ecs.send(new Command(sampleInput(operation))))).toEqual([
    'UnsupportedFeatureException',
    `${operation} is not supported by Berth yet.`,
  ])
})
