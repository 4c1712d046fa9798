import * as client from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { operationNames } from './members.ts'
import { sampleInput } from './sample-input.ts'

const berth = useBerth()

type CommandClass = new (input: object) => Parameters<typeof berth.ecs.send>[0]
const refusalOf = (operation: string, input: object) => {
  const Command = (client as unknown as Record<string, CommandClass>)[`${operation}Command`]!
  return refusal(berth.nobody.send(new Command(input)))
}

test.each(operationNames)('%s refuses who is not allowed, and tells them nothing else', async operation => {
  const [name, message] = await refusalOf(operation, sampleInput(operation))
  expect(name).toBe('AccessDeniedException')
  expect(message).toContain(
    `User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: ecs:${operation} on resource: `,
  )
  await berth.ecs.createCluster({})
  expect(await refusalOf(operation, sampleInput(operation))).toEqual([name, message])
  expect((await refusalOf(operation, sampleInput(operation, 'arn:/:no::such/name:')))[0]).toBe(name)
})
