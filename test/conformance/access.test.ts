import * as client from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { operationNames } from './members.ts'
import { sampleInput } from './sample-input.ts'

const berth = useBerth()

type CommandClass = new (input: object) => Parameters<typeof berth.ecs.send>[0]
const commandOf = (operation: string) =>
  (client as unknown as Record<string, CommandClass>)[`${operation}Command`]!

test.each(operationNames)('%s refuses who is not allowed', async operation => {
  const Command = commandOf(operation)
  await berth.ecs.createCluster({})
  const [name, message] = await refusal(berth.nobody.send(new Command(sampleInput(operation))))
  expect(name).toBe('AccessDeniedException')
  expect(message).toContain(
    `User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: ecs:${operation} on resource: `,
  )
})
